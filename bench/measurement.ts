/** What one benchmark found: medians of ours and of the peer, side by side in one run. */
export interface Measurement {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'MiB' | 'x' | 'events/s';
  readonly ours: readonly number[];
  readonly peer: { readonly name: string; readonly values: readonly number[] };
  /** What the project aims at, in words. */
  readonly aim?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** A line for people: medians, ratio and the number of rounds. */
export function line({ what, unit, ours, peer, aim }: Measurement): string {
  const [mine, theirs] = [median(ours), median(peer.values)];
  return `${what}: sandform ${shown(mine)} ${unit}, ${peer.name} ${shown(theirs)} ${unit}, ratio ${shown(mine / theirs)} (medians of ${ours.length} and ${peer.values.length}${aim === undefined ? '' : `; aim: ${aim}`})`;
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** Seconds that something took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Runs `ours` and `peer` in turns, so that neither has the quieter machine. */
export async function inTurns(rounds: number, ours: () => Promise<number>, peer: () => Promise<number>): Promise<{ ours: number[]; peer: number[] }> {
  const found = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    found.ours.push(await ours());
    found.peer.push(await peer());
  }
  return found;
}
