/** What translation asks of the machine: this room itself reads no files. Paths may be relative, as SEE took them: from the working directory. */
export interface SeeFiles {
  /** The whole path. */
  absolute(path: string): string;
  /** Text of a file; undefined where it can't be read. */
  text(path: string): string | undefined;
  /** What lies there. `disk` with its format, by its first bytes. */
  look(path: string): { readonly kind: 'missing' } | { readonly kind: 'folder' } | { readonly kind: 'file'; readonly format: 'qcow2' | 'raw' };
}
