import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOGS, cacheFolder } from './places.mjs';
import { runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

const LOG = join(LOGS, 'ssh-server.log');

/**
 * OpenSSH's server, by which the tests reach a second host. Unpacked into the cache and not installed: an installed one starts, and listens to the world.
 * @returns {import('./steps.mjs').Step}
 */
export function sshServer() {
  const folder = join(cacheFolder(), 'ssh-server');
  return {
    name: "OpenSSH's server",
    after: ['Debian packages'],
    missing: () => (existsSync(folder) ? undefined : { what: "unpack OpenSSH's server from Debian's package into the cache: the tests reach a second host by it" }),
    async run() {
      if (existsSync(folder)) return;
      mkdirSync(dirname(folder), { recursive: true });
      const work = mkdtempSync(join(dirname(folder), '.part-'));
      try {
        const script = 'apt-get -q -o APT::Sandbox::User=root download openssh-server && dpkg-deb --extract openssh-server_*.deb unpacked';
        const { code, output } = await runProgram('sh', ['-c', script], { cwd: work, log: LOG, timeoutMs: 300_000 });
        if (code !== 0) throw new StepFailure(`apt-get download openssh-server ended with ${code}`, output, LOG);
        renameSync(join(work, 'unpacked'), folder);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  };
}
