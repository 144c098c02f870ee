import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { LOGS } from './places.mjs';
import { findProgram, runProgram } from './run-program.mjs';

/**
 * A libvirt to work with. Nothing is started here: who does the main job starts one of our own where none runs, and
 * stops it afterwards.
 *
 * @param {'quickstart' | 'test' | 'bench'} purpose
 * @returns {import('./steps.mjs').Step}
 */
export function libvirt(purpose) {
  return {
    name: 'libvirt',
    after: ['Debian packages'],
    async missing() {
      const anyWillDo = purpose === 'quickstart';
      if (anyWillDo && (await runningLibvirt())) return undefined;
      const what = anyWillDo ? 'start a libvirt in namespaces of its own, because none runs; it is stopped afterwards' : 'start a libvirt for this alone, in namespaces of its own; it is stopped afterwards';
      if (process.geteuid() === 0) return { what };
      const again = { quickstart: 'npm run quickstart', test: 'npm test', bench: 'npm run bench' }[purpose];
      if (!anyWillDo || !existsSync('/run/systemd/system')) return { what, asRoot: [again] };
      return { what: 'a libvirt to work with', asRoot: ['systemctl start libvirtd', `usermod --append --groups libvirt ${userInfo().username}   # then log in again`] };
    },
  };
}

/**
 * The libvirt that runs already, if it answers: the one that the user names, else one of our own that was left up, else
 * the machine's. The package's resolveUri chooses in the same order.
 */
export async function runningLibvirt() {
  if (!findProgram('virsh')) return undefined;
  const named = process.env.LIBVIRT_DEFAULT_URI;
  const own = '/run/sandform/host/default/libvirt/libvirt-sock';
  for (const uri of named ? [named] : [`qemu:///system?socket=${own}`, 'qemu:///system']) {
    if (uri.includes(own) && !existsSync(own)) continue;
    const { code } = await runProgram('virsh', ['-c', uri, 'version'], { log: join(LOGS, 'libvirt.log'), timeoutMs: 10_000 });
    if (code === 0) return uri;
  }
  return undefined;
}
