/**
 * Does something with an app in which none of its declarations changes, such as a walk of the CDK over all elements: meanwhile what is
 * asked for by {@link once} is worked out once.
 */
export function inOnePass<T>(work: () => T): T {
  if (known !== undefined) return work();
  known = new WeakMap();
  try {
    return work();
  } finally {
    known = undefined;
  }
}

/** What a function gives, in a pass remembered for its owner under a name. Outside of one, and where it throws, it is called each time. */
export function once<T>(owner: object, name: string, work: () => T): T {
  if (known === undefined) return work();
  const results = known.get(owner) ?? new Map<string, unknown>();
  known.set(owner, results);
  if (!results.has(name)) results.set(name, work());
  return results.get(name) as T;
}

let known: WeakMap<object, Map<string, unknown>> | undefined;
