import type { Plan, SynthesizedStack } from './synthesized';

/** What cdktf writes for itself, and what differs between machines: where the state lies. */
const LEFT_OUT: ReadonlySet<string> = new Set(['//', 'backend']);

/**
 * A plan that is the same on every machine: without where its state lies and what the CDK notes for itself, keys in order, paths
 * below the working directory as paths from there, and numbers in the place of digests and `<size>` in that of the sizes of images, for
 * guests are built on each machine anew.
 */
export function portablePlan({ plan }: Pick<SynthesizedStack, 'plan'>, workingDirectory: string = process.cwd()): Plan {
  const text = JSON.stringify(portable(plan, workingDirectory));
  const digests = new Map<string, number>();
  const numbered = text.replace(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g, (digest) => {
    const number = digests.get(digest) ?? digests.size + 1;
    digests.set(digest, number);
    return `<digest ${number}>`;
  });
  return JSON.parse(numbered) as Plan;
}

function portable(value: unknown, folder: string): unknown {
  if (typeof value === 'string') return fromFolder(value, folder).replace(IMAGE_SIZE, SIZE);
  if (Array.isArray(value)) return value.map((item) => portable(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !LEFT_OUT.has(key));
  return Object.fromEntries(kept.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, item]) => [key, key === 'virtualSize' ? SIZE : portable(item, folder)]));
}

function fromFolder(text: string, folder: string): string {
  return folder === '/' ? text : text.replaceAll(`${folder}/`, './').replaceAll(folder, '.');
}

const SIZE = '<size>';
/** In JSON within a text, also in XML. */
const IMAGE_SIZE = /(?<=virtualSize(?:\\?"|&quot;):)\d+/g;
