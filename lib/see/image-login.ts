/**
 * How the place of an image is logged in at, as a configuration of SEE says it: environment variables of the process that fetches the image, and of no
 * other. They hold secrets, so they are never part of a declaration.
 */
export interface ImageLogin {
  readonly variables: Readonly<Record<string, string>>;
  /** Beginnings of the names of variables that say the same: the user's own are not taken beside these, so that no login is made of two. */
  readonly instead: readonly string[];
}

/** The environment of whoever fetches the image. */
export function loginEnvironment(own: Readonly<Record<string, string | undefined>>, { variables, instead }: ImageLogin): Record<string, string | undefined> {
  const kept = Object.entries(own).filter(([name]) => !instead.some((beginning) => name.startsWith(beginning)));
  return { ...Object.fromEntries(kept), ...variables };
}
