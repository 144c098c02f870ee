import { portablePlan } from './portable-plan';
import { SynthesizedStack } from './synthesized';

/** Writes synthesized stacks into snapshots such that they are the same on every machine, for jest and Vitest. */
export const planSerializer = {
  test: (value: unknown): boolean => value instanceof SynthesizedStack,
  serialize: (value: SynthesizedStack): string => JSON.stringify(portablePlan(value), undefined, 2),
};
