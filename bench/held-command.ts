import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../hooks-runtime/sandbox';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, seconds } from './measurement';

const ROUNDS = 50;

/** One command on a held connection: ours over virtio-serial against OpenSSH's ControlMaster over the network, same guest. */
export async function heldCommand(host: BenchHost): Promise<Measurement> {
  await host.deploy('bench-held');
  try {
    await using sandbox = await connect('bench-held/guest', { uri: host.instance.uri });
    await sandbox.waitForGuest();
    const folder = join(host.folder, 'ssh');
    mkdirSync(folder);
    await host.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    await sandbox.files.write('/run/bench_keys', await host.run('cat', [join(folder, 'key.pub')]), { mode: 0o600 });
    const { stdout: address } = await sandbox.commands.run(SERVE, { timeout: '60s' });
    const ssh = (...words: string[]): Promise<string> =>
      host.run('nsenter', [`--net=/proc/${host.instance.pid}/ns/net`, 'ssh', '-i', join(folder, 'key'), '-o', `ControlPath=${join(folder, 'control')}`, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', ...words]);
    await ssh('-f', '-N', '-o', 'ControlMaster=yes', `root@${address.trim()}`);
    try {
      const { ours, peer } = await inTurns(
        ROUNDS,
        async () => 1000 * (await seconds(() => sandbox.commands.run(['true']))),
        async () => 1000 * (await seconds(() => ssh(`root@${address.trim()}`, 'true'))),
      );
      return { what: 'command on a held connection', unit: 'ms', ours, peer: { name: 'OpenSSH ControlMaster', values: peer }, aim: '40 ms' };
    } finally {
      await ssh('-O', 'exit', `root@${address.trim()}`);
    }
  } finally {
    await host.destroy('bench-held');
  }
}

/** Waits for a lease, serves SSH on the network with the guest's own server, and prints the address. */
const SERVE = `
set -e
for try in $(seq 1 200); do
  address=$(ip -4 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
  [ -n "$address" ] && break
  sleep 0.1
done
ssh-keygen -q -t ed25519 -N '' -f /run/bench_host_key </dev/null
/usr/sbin/sshd -f /dev/null -h /run/bench_host_key -o AuthorizedKeysFile=/run/bench_keys -o StrictModes=no -o PidFile=none -o UsePAM=no >/dev/null 2>&1 </dev/null
echo "$address"
`;
