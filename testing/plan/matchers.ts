import { isDeepStrictEqual } from 'node:util';
import type { SandboxSpec } from '../../lib/spec';
import { type PlannedChange, plannedChanges } from './planned-changes';
import { SynthesizedStack, type SynthesizedNetwork } from './synthesized';

/** What a matcher finds, as jest's and Vitest's `expect.extend` take it. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Parts of a value, at any depth. */
export type PartsOf<T> = T extends readonly (infer Item)[] ? readonly PartsOf<Item>[] : T extends object ? { readonly [Key in keyof T]?: PartsOf<T[Key]> } : T;

/** Matchers for synthesized stacks. Each says what it found, whether it was expected or not. */
export const planMatchers = {
  /** Whether a stack has a sandbox of this name, whose description holds the given parts. */
  toHaveSandbox(received: unknown, name: string, parts: PartsOf<SandboxSpec> = {}): MatcherResult {
    return hasNamed(received, 'sandbox', ({ sandboxes }) => sandboxes, name, parts);
  },

  /** Whether a stack has a network of this id, of which the given is true. */
  toHaveNetwork(received: unknown, name: string, parts: PartsOf<SynthesizedNetwork> = {}): MatcherResult {
    return hasNamed(received, 'network', ({ networks }) => networks, name, parts);
  },

  /** Whether deploying this stack over an earlier one replaces exactly these sandboxes and networks, by their names. */
  toReplace(received: unknown, deployed: SynthesizedStack | undefined, names: readonly string[]): MatcherResult {
    return changesAre(received, deployed, 'replace', names);
  },

  /** Whether deploying this stack over an earlier one leaves every sandbox and network that was there alone, or changes it in place. */
  toUpdateInPlace(received: unknown, deployed: SynthesizedStack | undefined): MatcherResult {
    return changesAre(received, deployed, 'replace', []);
  },
};

function hasNamed<T extends object>(received: unknown, kind: string, of: (stack: SynthesizedStack) => Readonly<Record<string, T>>, name: string, parts: object): MatcherResult {
  const stack = stackOf(received);
  const all = of(stack);
  const found = all[name];
  if (found === undefined) return { pass: false, message: () => `stack '${stack.name}' has no ${kind} '${name}', only: ${Object.keys(all).join(', ') || 'none'}` };
  const differences = differing(found, parts, '');
  return {
    pass: differences.length === 0,
    message: () => (differences.length === 0 ? `stack '${stack.name}' has a ${kind} '${name}' like this` : `${kind} '${name}' of stack '${stack.name}' differs:\n${differences.join('\n')}`),
  };
}

function changesAre(received: unknown, deployed: unknown, kind: PlannedChange, names: readonly string[]): MatcherResult {
  const stack = stackOf(received);
  const changes = plannedChanges(stackOf(deployed), stack);
  const found = Object.keys(changes).filter((name) => changes[name] === kind).sort();
  const expected = [...names].sort();
  const list = (all: readonly string[]) => all.join(', ') || 'none';
  return { pass: isDeepStrictEqual(found, expected), message: () => `deploying stack '${stack.name}' would ${kind}: ${list(found)}\nexpected: ${list(expected)}` };
}

/** Parts that a value does not have, a line each. */
function differing(value: unknown, parts: unknown, path: string): string[] {
  if (typeof parts !== 'object' || parts === null || typeof value !== 'object' || value === null) {
    return isDeepStrictEqual(value, parts) ? [] : [`  ${path}: ${JSON.stringify(value)}, expected ${JSON.stringify(parts)}`];
  }
  if (Array.isArray(parts)) {
    const list = Array.isArray(value) ? value : [];
    if (list.length !== parts.length) return [`  ${path}: ${JSON.stringify(value)}, expected ${parts.length} of them: ${JSON.stringify(parts)}`];
  }
  return Object.entries(parts).flatMap(([key, part]) => differing((value as Record<string, unknown>)[key], part, path === '' ? key : `${path}.${key}`));
}

/** Fails the test whether the matcher is negated or not. */
function stackOf(value: unknown): SynthesizedStack {
  if (value instanceof SynthesizedStack) return value;
  throw new TypeError(`expected a stack of synthesize(), got ${typeof value}`);
}
