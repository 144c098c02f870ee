/** Gives what a function gave when it was first called and did not throw. */
export function constant<T>(work: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: work() }).value;
}
