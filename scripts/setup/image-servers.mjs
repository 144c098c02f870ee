import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { goBuild } from './go-build.mjs';
import { LOGS, cacheFolder } from './places.mjs';
import { findProgram, runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

/** Versions that were seen to work with each other. gunicorn serves both. */
const PACKAGES = ['keystone==30.0.0', 'glance==33.0.0', 'gunicorn==27.0.1'];
const GO_SERVERS = { versitygw: 'github.com/versity/versitygw/cmd/versitygw', toxiproxy: 'github.com/Shopify/toxiproxy/v2/cmd/server' };

/** Where the servers lie that tests fetch images from. */
export function imageServersFolder() {
  return join(cacheFolder(), 'image-servers');
}

/** OpenStack's Keystone and Glance in a Python environment of their own. @returns {import('./steps.mjs').Step} */
export function openStack() {
  const log = join(LOGS, 'openstack.log');
  const folder = join(imageServersFolder(), 'openstack');
  const whole = join(folder, 'installed');
  return {
    name: 'Keystone and Glance',
    after: ['Debian packages'],
    missing: () => (existsSync(whole) ? undefined : { what: `install ${PACKAGES.join(', ')} from PyPI into ${folder}, for tests of image sources` }),
    async run() {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      for (const [program, args] of [['python3', ['-m', 'venv', folder]], [join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '--prefer-binary', ...PACKAGES]]]) {
        const { code, output } = await runProgram(program, args, { log, timeoutMs: 900_000 });
        if (code !== 0) throw new StepFailure(`${program} ended with ${code}`, output, log);
      }
      await makeTemplate(folder, log);
      writeFileSync(`${whole}.new`, '');
      renameSync(`${whole}.new`, whole);
    },
  };
}

/** A server that speaks S3, and a proxy that cuts connections, built from their Go modules. @returns {import('./steps.mjs').Step} */
export function goServers() {
  const log = join(LOGS, 'image-servers.log');
  const programOf = (name) => join(imageServersFolder(), name);
  const wanted = () => Object.keys(GO_SERVERS).filter((name) => !existsSync(programOf(name)));
  return {
    name: 'S3 server and faulty proxy',
    missing() {
      const names = wanted();
      if (names.length === 0) return undefined;
      if (findProgram('go')) return { what: `build ${names.join(' and ')} with Go, for tests of image sources` };
      return { what: names.join(' and '), byHand: 'install Go, which the tests build an S3 server and a faulty proxy with' };
    },
    async run() {
      for (const name of wanted()) await goBuild({ name, module: GO_SERVERS[name], program: programOf(name), log });
    },
  };
}

/** Password of the administrator of servers that live for one test on the loopback address. */
const PASSWORD = 'for-tests';

/** Databases and keys as new servers have them: making them takes seconds, copying them none. */
async function makeTemplate(folder, log) {
  const template = join(folder, 'template');
  for (const name of ['fernet', 'credential']) mkdirSync(join(template, name), { recursive: true });
  const keystone = join(template, 'keystone.conf');
  const glance = join(template, 'glance-api.conf');
  writeFileSync(keystone, `[database]\nconnection = sqlite:///${template}/keystone.db?timeout=60\n[fernet_tokens]\nkey_repository = ${template}/fernet\n[credential]\nkey_repository = ${template}/credential\n[token]\nprovider = fernet\n`);
  writeFileSync(glance, `[DEFAULT]\nenabled_backends = files:file\n[database]\nconnection = sqlite:///${template}/glance.db?timeout=60\n[glance_store]\ndefault_backend = files\n[files]\nfilesystem_store_datadir = ${template}/files\n`);
  const user = `--keystone-user=${userInfo().username}`;
  const url = 'http://127.0.0.1:5000/v3';
  const urls = ['public', 'internal', 'admin'].flatMap((name) => [`--bootstrap-${name}-url`, url]);
  const calls = [
    ['keystone-manage', keystone, ['db_sync']],
    ...['fernet_setup', 'credential_setup'].map((verb) => ['keystone-manage', keystone, [verb, user, `--keystone-group=${process.getegid()}`]]),
    ['keystone-manage', keystone, ['bootstrap', '--bootstrap-password', PASSWORD, '--bootstrap-username', 'admin', '--bootstrap-project-name', 'admin', '--bootstrap-role-name', 'admin', '--bootstrap-region-id', 'RegionOne', ...urls]],
    ['glance-manage', glance, ['db_sync']],
  ];
  for (const [program, configuration, args] of calls) {
    const { code, output } = await runProgram(join(folder, 'bin', program), ['--config-file', configuration, ...args], { log, timeoutMs: 300_000 });
    if (code !== 0) throw new StepFailure(`${program} ${args[0]} ended with ${code}`, output, log);
  }
}
