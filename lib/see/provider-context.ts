import type { ImageDeclaration } from './declaration';
import type { SeeFiles } from './files';
import type { ImageLogin } from './image-login';
import type { SeeReading } from './reading';

/** What the translation of each provider is told beside its configuration. */
export interface ProviderContext {
  readonly name: string;
  /** Whether the file is of the time when providers had a `uri`. */
  readonly isOld: boolean;
  /** How messages call its configuration. */
  readonly where: string;
  readonly files: SeeFiles;
  readonly reading: SeeReading;
}

/** An image, and how its place is logged in at where the configuration says so. */
export interface ProvidedDisk {
  readonly image: ImageDeclaration;
  readonly login?: ImageLogin;
}

/** Keys that mean nothing here are told so, each. */
export function unused({ where, reading }: ProviderContext, given: Readonly<Record<string, unknown>>, why: string): void {
  for (const [key, value] of Object.entries(given)) if (value !== undefined) reading.note('meaningless', `${where}.${key}`, why);
}

/** Texts among keywords, where `null` is as good as nothing. What else is there is a mistake, which does not show it: it may be a secret. */
export function textsOf(given: Readonly<Record<string, unknown>>, names: readonly string[], where: string, reading: SeeReading): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = given[name];
      if (typeof value === 'string' && value !== '') return [[name, value]];
      if (value !== undefined && value !== null) reading.mistake('SEE_INVALID', `${where}.${name}`, { given: value === '' ? 'an empty text' : `a ${Array.isArray(value) ? 'list' : typeof value}`, expected: 'a text' });
      return [];
    }),
  );
}

/** The whole path of a file that must be there. */
export function fileAt(path: string, place: string, expected: string, { files, reading }: ProviderContext): string {
  const { kind } = files.look(path);
  if (kind !== 'file') reading.mistake('SEE_INVALID', place, { given: `${files.absolute(path)}, ${kind === 'folder' ? 'a folder' : 'which is missing'}`, expected, fix: 'correct the path, which counts from the working directory as in SEE' });
  return files.absolute(path);
}
