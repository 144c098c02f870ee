import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LibvirtConnection } from '../hooks-runtime/libvirt';
import { connect } from '../hooks-runtime/sandbox';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, seconds } from './measurement';
import type { SeePeer } from './see-peer';

const ROUNDS = 5;
const SANDFORM = resolve(__dirname, '../bin/sandform.js');

/**
 * Cold start to the exit code of the first command, on the same guest. python-see makes its domain through libvirt at once;
 * ours is measured as a deployed sandbox that is switched on, as an ad hoc run, and from `cdktf deploy` on.
 */
export async function coldStart(host: BenchHost, see: SeePeer): Promise<Measurement[]> {
  await host.deploy('bench-cold');
  const template = await seeTemplate(host);
  const clones = join(host.instance.poolPath, '..', 'see-clones');
  mkdirSync(clones, { recursive: true, mode: 0o755 });
  const firstOfSee = async (): Promise<number> => (await see.numbers('cold-start.py', [host.instance.uri, template.file, template.image, clones, 1]))[0] ?? NaN;
  const switchedOn = await inTurns(ROUNDS, () => firstCommand(host), firstOfSee);
  const adHoc = await inTurns(
    ROUNDS,
    () => host.secondsToOutput(process.execPath, [SANDFORM, 'run', 'micro', '--', '/bin/echo', 'ready'], 'ready'),
    () => host.secondsToOutput(see.python, [see.script('cold-start.py'), host.instance.uri, template.file, template.image, clones, '1'], '.'),
  );
  await host.destroy('bench-cold');
  const fromNothing: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    fromNothing.push((await seconds(() => host.deploy('bench-cold'))) + (await firstCommand(host)));
    await host.destroy('bench-cold');
  }
  const peer = { name: 'python-see 1.3.7', values: switchedOn.peer };
  return [
    { what: 'deployed sandbox: power on to first command', unit: 's', ours: switchedOn.ours, peer },
    { what: 'ad hoc run, from the command line to the first output', unit: 's', ours: adHoc.ours, peer: { ...peer, values: adHoc.peer } },
    { what: 'from nothing (cdktf deploy) to first command', unit: 's', ours: fromNothing, peer },
  ];
}

/** Seconds from connecting to a sandbox that is off to the end of its first command; it is off again afterwards. */
async function firstCommand(host: BenchHost): Promise<number> {
  const start = performance.now();
  await using sandbox = await connect('bench-cold/guest', { uri: host.instance.uri });
  await sandbox.power.poweron();
  await sandbox.waitForGuest();
  const { exitCode, stdout } = await sandbox.commands.run(['/bin/echo', 'ready']);
  if (exitCode !== 0 || stdout !== 'ready\n') throw new Error(`the first command gave ${JSON.stringify({ exitCode, stdout })}`);
  const taken = (performance.now() - start) / 1000;
  await sandbox.power.poweroff();
  return taken;
}

/** Our own domain as a template for python-see: the same kernel, devices and memory. */
async function seeTemplate(host: BenchHost): Promise<{ file: string; image: string }> {
  await using connection = await LibvirtConnection.open(host.instance.uri);
  const domain = await connection.domains.get('bench-cold-guest');
  const xml = await domain.xml({ inactive: true });
  const file = join(host.folder, 'see-template.xml');
  writeFileSync(file, xml.replace(/<uuid>.*<\/uuid>/, '').replace(/<metadata>[\s\S]*<\/metadata>/, ''));
  const overlay = /<source file=['"]([^'"]+)['"]/.exec(xml)?.[1] ?? '';
  const image = (JSON.parse(await host.run('qemu-img', ['info', '--output=json', overlay])) as { 'full-backing-filename': string })['full-backing-filename'];
  await host.run('virsh', ['-c', host.instance.uri, 'pool-refresh', 'sandform']);
  return { file, image };
}
