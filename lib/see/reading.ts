import { type ErrorCode, type ErrorFacts, SandformError } from '../errors';
import { type Mistake, mistakesOf } from '../spec';
import type { Static, TSchema } from '@sinclair/typebox';
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

  /** A document that fits its schema; else undefined, and each misfit is a mistake. @param where beginning of each place */
  read<S extends TSchema>(schema: S, document: unknown, where: string): Static<S> | undefined {
    const copy: unknown = structuredClone(document);
    const mistakes = mistakesOf(schema, copy);
    for (const mistake of mistakes) this.misfit(mistake, schema, where);
    return mistakes.length === 0 ? copy : undefined;
  }

  private misfit({ path, given, expected }: Mistake, schema: TSchema, where: string): void {
    const name = path.split('/').at(-1) ?? '';
    const place = path === '/' ? where : `${where}: ${path.slice(1).replaceAll('/', '.')}`;
    if (given !== 'an unknown key') {
      this.mistake('SEE_INVALID', place, { given, expected });
      return;
    }
    const known = /^only (.*)$/.exec(expected)?.[1]?.split(', ') ?? [];
    const near = nearest(name, [...known, ...keysOf(schema)]);
    this.mistake('SEE_INVALID', place, { given: `${given}, which SEE passed over in silence`, expected, fix: near === undefined ? 'take it out' : `did you mean '${near}'?` });
  }
}

function keysOf(schema: TSchema): string[] {
  return Object.keys((schema as { properties?: object }).properties ?? {});
}
