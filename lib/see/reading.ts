import { type ErrorCode, type ErrorFacts, SandformError } from '../errors';
import type { Static, TSchema } from '../schema';
import { type Mistake, mistakesOf } from '../spec';
import { nearest } from './nearest';

/** Something about a configuration that whoever runs it should know: it is done otherwise, it means nothing, it was left out, or it needs a look. */
export interface SeeNote {
  readonly kind: 'otherwise' | 'meaningless' | 'omitted' | 'attention';
  /** Which key or element, e.g. `disk.clone`, `domain.xml: devices/interface/mac`. */
  readonly where: string;
  readonly text: string;
}

/** What was found in SEE's files: nothing is thrown where it is found, so that all of it is told together. */
export class SeeReading {
  readonly mistakes: SandformError[] = [];
  readonly notes: SeeNote[] = [];

  mistake(code: ErrorCode, where: string, facts: Omit<ErrorFacts, 'doing'>): void {
    this.mistakes.push(new SandformError(code, { doing: where, ...facts }));
  }

  note(kind: SeeNote['kind'], where: string, text: string): void {
    this.notes.push({ kind, where, text });
  }

  /**
   * A document that fits its schema; else undefined, and each misfit is a mistake. Unknown keys are mistakes too, but the rest is read on, so that what is
   * wrong with it is told as well.
   * @param where beginning of each place
   */
  read<S extends TSchema>(schema: S, document: unknown, where: string): Static<S> | undefined {
    const copy: unknown = structuredClone(document);
    const mistakes = mistakesOf(schema, copy);
    for (const mistake of mistakes) this.misfit(mistake, schema, where);
    for (const { path } of mistakes.filter(isUnknownKey)) remove(copy, path);
    return mistakesOf(schema, copy).length === 0 ? copy : undefined;
  }

  private misfit(mistake: Mistake, schema: TSchema, where: string): void {
    const { path, given, expected } = mistake;
    const name = path.split('/').at(-1) ?? '';
    const place = path === '/' ? where : `${where}: ${path.slice(1).replaceAll('/', '.')}`;
    if (!isUnknownKey(mistake)) {
      this.mistake('SEE_INVALID', place, { given: shown(mistake), expected });
      return;
    }
    const known = /^only (.*)$/.exec(expected)?.[1]?.split(', ') ?? [];
    const near = nearest(name, [...known, ...keysOf(schema)]);
    this.mistake('SEE_INVALID', place, { given: `${given}, which SEE passed over in silence`, expected, fix: near === undefined ? 'take it out' : `did you mean '${near}'?` });
  }
}

/** What was given, but for what may hold a login. */
function shown({ path, given }: Mistake): string {
  const kind = given.startsWith('{') ? 'an object' : given.startsWith('[') ? 'a list' : given;
  return given !== 'nothing' && /\/(os_auth|auth|provider_configuration)$/.test(path) && kind === given ? 'something else' : kind;
}

function isUnknownKey({ given }: Mistake): boolean {
  return given === 'an unknown key';
}

/** Takes out what a JSON pointer leads to. One that leads nowhere, because its key has slashes, leaves the document as it is. */
function remove(document: unknown, path: string): void {
  const steps = path.split('/').slice(1);
  const last = steps.pop();
  const parent = steps.reduce<unknown>((place, step) => (typeof place === 'object' && place !== null ? (place as Record<string, unknown>)[step] : undefined), document);
  if (typeof parent === 'object' && parent !== null && last !== undefined) Reflect.deleteProperty(parent, last);
}

function keysOf(schema: TSchema): string[] {
  return Object.keys((schema as { properties?: object }).properties ?? {});
}
