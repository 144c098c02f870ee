import { Duration, type DurationText, type HookDeclaration, type HookReference, type Mistake, SandformError, mistakesOf } from '../lib';
import type { TSchema } from '../lib/schema';
import { codeOrigin } from './code-origin';

/** What may be said of a hook beside its own configuration. */
export interface AddHookOptions {
  /** How records and errors call it; unique within the sandbox. @default the hook's own name, else its class's in kebab-case */
  readonly name?: string;
  /** How long one of its handlers may take. @default the hook's own, else what the runtime gives */
  readonly deadline?: DurationText;
}

/**
 * Names a hook for the runtime, which loads it again: by package where it comes from one, else by a file of the project.
 *
 * @param doing beginning of messages
 * @throws SandformError `HOOK_NOT_SERIALIZABLE`, `HOOK_CONFIG_INVALID`, `DURATION_INVALID`
 */
export function hookReference(hook: HookDeclaration, options: AddHookOptions, doing: string): HookReference {
  const name = options.name ?? hook.name ?? kebabCase(hook.export);
  const about = `${doing} '${name}'`;
  const deadline = options.deadline ?? (hook as { readonly deadline?: DurationText }).deadline;
  return {
    name,
    from: codeOrigin(hook, 'HOOK_NOT_SERIALIZABLE', about),
    config: checkedConfig(hook, about),
    ...(deadline === undefined ? {} : { deadline: Duration.parse(deadline, about).milliseconds }),
  };
}

function checkedConfig(hook: HookDeclaration, doing: string): HookReference['config'] {
  const config = jsonCopy(hook.config, doing);
  // Checking fills in defaults, and what is declared shall stay as it was written.
  const mistakes = schemaMistakes(hook.configSchema, structuredClone(config), doing);
  if (mistakes.length === 0) return config;
  throw new SandformError('HOOK_CONFIG_INVALID', {
    doing,
    given: mistakes.map(({ path, given }) => `${path}: ${given}`).join('\n'),
    expected: mistakes.map(({ path, expected }) => `${path}: ${expected}`).join('\n'),
    details: { mistakes },
  });
}

function schemaMistakes(schema: object, config: unknown, doing: string): Mistake[] {
  try {
    return mistakesOf(schema as TSchema, config);
  } catch (cause) {
    throw new SandformError('HOOK_CONFIG_INVALID', { doing, given: 'a configSchema that is no JSON Schema', expected: 'a JSON Schema', cause });
  }
}

function jsonCopy(config: unknown, doing: string): HookReference['config'] {
  const refuse = (path: string, given: string): never => {
    throw new SandformError('HOOK_CONFIG_INVALID', { doing, given: `${path || '/'}: ${given}`, expected: 'JSON values: text, finite numbers, true, false, null, lists and plain objects' });
  };
  const copy = (value: unknown, path: string, depth: number): unknown => {
    if (depth > 32) return refuse(path, 'values nested more than 32 deep');
    if (typeof value === 'string') return value.isWellFormed() ? value.normalize('NFC') : refuse(path, 'text that is no well-formed Unicode');
    if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
    if (Array.isArray(value)) return value.map((item, index) => copy(item, `${path}/${index}`, depth + 1));
    if (typeof value !== 'object' || ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) return refuse(path, typeof value);
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [copy(key, path, depth + 1), copy(item, `${path}/${key}`, depth + 1)]));
  };
  return copy(config, '', 0) as HookReference['config'];
}

function kebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
