import type { Plan, SynthesizedStack } from './synthesized';

/** What cdktf writes for itself, and what differs between machines: where the state lies. */
const LEFT_OUT: ReadonlySet<string> = new Set(['//', 'backend']);

/**
 * A plan that is the same on every machine: without where its state lies and what the CDK notes for itself, keys in order, and
 * paths below the working directory as paths from there.
 */
export function portablePlan({ plan }: Pick<SynthesizedStack, 'plan'>, workingDirectory: string = process.cwd()): Plan {
  return portable(plan, workingDirectory) as Plan;
}

function portable(value: unknown, folder: string): unknown {
  if (typeof value === 'string') return folder === '/' ? value : value.replaceAll(`${folder}/`, './').replaceAll(folder, '.');
  if (Array.isArray(value)) return value.map((item) => portable(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !LEFT_OUT.has(key));
  return Object.fromEntries(kept.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, item]) => [key, portable(item, folder)]));
}
