import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Digest, ImageReference, SandformError, cacheFolder, messageOf, parsed } from '../lib';
import { type Static, Type } from '../lib/schema';

const BuiltFile = Type.Object({ file: Type.String({ pattern: '^[^/]+$' }), sha256: Digest });

/** What the build of a guest writes beside its files, as far as constructs need it. */
export const BuiltGuest = Type.Object({
  format: Type.Literal(1),
  name: Type.String(),
  architecture: Type.Union([Type.Literal('x86_64'), Type.Literal('aarch64')]),
  files: Type.Object({
    root: Type.Object({ file: Type.String({ pattern: '^[^/]+$' }), format: ImageReference.properties.format, sha256: Digest, virtualSize: Type.Integer({ minimum: 1 }) }),
    kernel: Type.Optional(BuiltFile),
    initrd: Type.Optional(BuiltFile),
  }),
  cmdline: Type.Optional(Type.String()),
  user: Type.String(),
  /** Name of the exec port. */
  channel: Type.String(),
  /** Versions of the Debian packages inside, by name. */
  packages: Type.Record(Type.String(), Type.String(), { default: {} }),
});
export type BuiltGuest = Static<typeof BuiltGuest> & {
  /** Where its files lie. */
  readonly folder: string;
};

/**
 * A guest that `sandform guest build NAME` made on this machine.
 * @param doing beginning of messages
 * @throws SandformError `IMAGE_MISSING` where it was not built, or by another generation of Sandform
 */
export function builtGuest(name: string, doing: string): BuiltGuest {
  const fix = `npx sandform guest build ${name}`;
  const note = join(cacheFolder(process.env), 'guests', `${name}.json`);
  try {
    const document = parsed(BuiltGuest, JSON.parse(readFileSync(note, 'utf8')), 'SPEC_INVALID', `reading ${note}`);
    return { ...document, folder: dirname(realpathSync(note)) };
  } catch (cause) {
    throw new SandformError('IMAGE_MISSING', { doing: `${doing}: looking for the guest '${name}'`, given: 'no usable build of it on this machine', expected: 'a guest that was built here', fix, cause: messageOf(cause) });
  }
}
