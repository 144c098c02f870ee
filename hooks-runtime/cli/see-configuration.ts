import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import { type ImageLogin, type SeeDeclaration, type SeeFiles, type SeeNote, translateSee } from '../../lib/see';

export interface SeeOptions {
  /** Path of the context configuration. */
  readonly context: string;
  /** Path of the hooks configuration. */
  readonly hooks?: string;
  readonly without?: readonly string[];
  readonly trustTemplate?: boolean;
}

/**
 * Reads SEE's configurations and all that they name.
 * @throws SandformError `SEE_INVALID` that holds every mistake
 */
export function readSeeConfiguration({ context, hooks, without = [], trustTemplate = false }: SeeOptions): { readonly declaration: SeeDeclaration; readonly login?: ImageLogin; readonly notes: readonly SeeNote[] } {
  const mistakes: SandformError[] = [];
  const documents = { context: documentOf(context, mistakes), ...(hooks === undefined ? {} : { hooks: documentOf(hooks, mistakes) }) };
  const translation = translateSee(documents, { files: FILES, trusted: trustTemplate, without });
  // What is no JSON at all is told once, not also as a document that lacks everything.
  const all = [...mistakes, ...translation.mistakes.filter(({ doing }) => !mistakes.some((mistake) => doing.startsWith(mistake.details['where'] as string)))];
  const { declaration, login, notes } = translation;
  if (all.length === 0 && declaration !== undefined) return { declaration, ...(login === undefined ? {} : { login }), notes };
  const [first] = all;
  throw new SandformError(all.length === 1 && first !== undefined ? first.code : 'SEE_INVALID', {
    doing: `reading SEE's configuration: ${all.length} ${all.length === 1 ? 'mistake' : 'mistakes'}`,
    errors: all,
  });
}

function documentOf(path: string, mistakes: SandformError[]): { readonly where: string; readonly document: unknown } {
  const where = basename(path);
  try {
    return { where, document: JSON.parse(readFileSync(path, 'utf8')) as unknown };
  } catch (error) {
    mistakes.push(new SandformError('SEE_INVALID', { doing: `${where}: reading it`, given: withoutContent(messageOf(error)), expected: 'a file of strict JSON, without comments and trailing commas', details: { where } }));
    return { where, document: {} };
  }
}

/** The parser quotes what it stumbled over, which may be a password. */
function withoutContent(message: string): string {
  return message.replace(/, (\.{3})?".*is not valid JSON$/s, ', which is not valid JSON');
}

const QCOW2 = Buffer.from('QFI\xfb', 'latin1');

/** The machine, as SEE saw it: paths count from the working directory. */
const FILES: SeeFiles = {
  absolute: (path) => resolve(path),
  text(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  look(path) {
    try {
      if (statSync(path).isDirectory()) return { kind: 'folder' };
      return { kind: 'file', format: beginning(path).equals(QCOW2) ? 'qcow2' : 'raw' };
    } catch {
      return { kind: 'missing' };
    }
  },
};

function beginning(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(QCOW2.length);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
