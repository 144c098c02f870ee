import { BenchHost } from './bench-host';
import { coldStart } from './cold-start';
import { containers, manyContainers } from './container';
import { deploy } from './deploy';
import { events } from './events';
import { heldCommand } from './held-command';
import { imagePull } from './image-pull';
import { libvirtCall } from './libvirt-call';
import { type Measurement, line } from './measurement';
import { SeePeer } from './see-peer';
import { synth } from './synth';

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const json = process.argv.includes('--json');

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const see = await SeePeer.install();
  await using host = await BenchHost.create();
  const benchmarks: Record<string, () => Promise<Measurement[]>> = {
    events: async () => [await events(see)],
    synth: () => synth(host),
    deploy: () => deploy(host),
    cold: () => coldStart(host, see),
    images: () => imagePull(host),
    containers: () => containers(host, see),
    'many-containers': () => manyContainers(host),
    command: async () => [await heldCommand(host)],
    calls: async () => {
      await host.deploy('bench-cold');
      try {
        return [await libvirtCall(host.instance.uri, 'bench-cold-guest')];
      } finally {
        await host.destroy('bench-cold');
      }
    },
  };
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const measurement of await benchmark()) process.stdout.write(`${json ? JSON.stringify(measurement) : line(measurement)}\n`);
  }
}
