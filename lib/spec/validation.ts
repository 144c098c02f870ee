import { type ErrorCode, SandformError } from '../errors';
import { type ErrorObject, type Static, type TSchema, validatorOf } from '../schema';
import { printable } from '../text/printable';

/** One thing that does not fit its schema. */
export interface Mistake {
  /** Where, as a JSON pointer; `/` is the document itself. */
  readonly path: string;
  /** What stands there, cut to a readable length. */
  readonly given: string;
  readonly expected: string;
}

/** Everything in a document that does not fit a schema; fills in the schema's defaults. */
export function mistakesOf(schema: TSchema, document: unknown): Mistake[] {
  const validate = validatorOf(schema);
  return validate(document) ? [] : mostSpecific(validate.errors ?? []).map(mistake);
}

/**
 * Unknown input, parsed once at the border and typed from there on. Fills in the schema's defaults.
 * @throws SandformError with the code given; `details.mistakes` holds every {@link Mistake}
 */
export function parsed<S extends TSchema>(schema: S, document: unknown, code: ErrorCode, doing: string): Static<S> {
  const mistakes = mistakesOf(schema, document);
  if (mistakes.length === 0) return document;
  throw new SandformError(code, {
    doing,
    given: mistakes.map(({ path, given }) => `${path}: ${given}`).join('\n'),
    expected: mistakes.map(({ path, expected }) => `${path}: ${expected}`).join('\n'),
    details: { mistakes },
  });
}

/** For a union every branch reports; only what lies deepest helps, the union's own line stands for the rest. */
function mostSpecific(errors: ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
  const covered = errors.filter((error) => !unions.some((union) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`)));
  return covered.length > 0 ? covered : errors;
}

function mistake(error: ErrorObject): Mistake {
  const key: unknown = (error.params as Record<string, unknown>)['additionalProperty'] ?? (error.params as Record<string, unknown>)['missingProperty'];
  const path = typeof key === 'string' ? `${error.instancePath}/${key}` : error.instancePath || '/';
  const given = error.keyword === 'required' ? 'nothing' : error.keyword === 'additionalProperties' ? 'an unknown key' : ((JSON.stringify(error.data) as string | undefined) ?? 'nothing');
  return { path: printable(path, { singleLine: true, limit: 200 }), given: printable(given, { singleLine: true, limit: 200 }), expected: expectation(error) };
}

function expectation({ keyword, message, params, parentSchema }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `only ${Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {}).join(', ')}`;
  if (keyword === 'anyOf') return choices(parentSchema) ?? 'one of the forms that the schema allows';
  if (keyword === 'const') return JSON.stringify((params as { allowedValue: unknown }).allowedValue);
  if (keyword === 'required') return 'a value';
  return message ?? keyword;
}

function choices(schema: ErrorObject['parentSchema']): string | undefined {
  const branches = (schema as { anyOf?: { const?: unknown }[] } | undefined)?.anyOf ?? [];
  return branches.length > 0 && branches.every((branch) => 'const' in branch) ? `one of ${branches.map((branch) => JSON.stringify(branch.const)).join(', ')}` : undefined;
}
