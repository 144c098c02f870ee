import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, median } from './measurement';

const COUNTS = [1, 10, 100, 1000];
const ROUNDS = 5;
const PEER = 'bare cdktf';

interface Taken {
  readonly ms: number;
  readonly mib: number;
}

/** Synthesizing many sandboxes, against declaring the very resources of their plan with nothing but cdktf. A process each. */
export async function synth(host: BenchHost): Promise<Measurement[]> {
  const found: Measurement[] = [];
  const medians: { ours: number; peer: number }[] = [];
  for (const count of COUNTS) {
    const folder = mkdtempSync(join(tmpdir(), 'sandform-bench-synth-'));
    const ours: Taken[] = [];
    const peer: Taken[] = [];
    const taken = async (app: string, input: string, outdir: string): Promise<Taken> =>
      JSON.parse(await host.run(process.execPath, ['--import', 'tsx', app, input, join(folder, outdir)])) as Taken;
    const times = await inTurns(
      ROUNDS,
      async () => {
        ours.push(await taken('many.ts', String(count), 'ours'));
        return ours.at(-1)?.ms ?? NaN;
      },
      async () => {
        peer.push(await taken('many-bare.ts', join(folder, 'ours', 'stacks', 'lab', 'cdk.tf.json'), 'bare'));
        return peer.at(-1)?.ms ?? NaN;
      },
    );
    rmSync(folder, { recursive: true });
    const name = count === 1 ? '1 sandbox' : `${count.toLocaleString('en')} sandboxes`;
    medians.push({ ours: median(times.ours), peer: median(times.peer) });
    found.push(
      { what: `synth of ${name}`, unit: 'ms', ours: times.ours, peer: { name: PEER, values: times.peer }, aim: 'at most 2 x' },
      { what: `memory for the synth of ${name}`, unit: 'MiB', ours: ours.map(({ mib }) => mib), peer: { name: PEER, values: peer.map(({ mib }) => mib) } },
    );
  }
  const [hundred, thousand] = medians.slice(-2);
  if (hundred === undefined || thousand === undefined) return found;
  const growth = (whose: 'ours' | 'peer'): number[] => [thousand[whose] / hundred[whose]];
  return [...found, { what: 'growth of synth time from 100 to 1,000 sandboxes', unit: 'x', ours: growth('ours'), peer: { name: PEER, values: growth('peer') } }];
}
