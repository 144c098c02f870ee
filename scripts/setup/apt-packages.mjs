import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOGS } from './places.mjs';
import { findProgram, runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

/** What a sandbox needs on its host. */
const HOST = ['libvirt-daemon-system', 'libvirt-clients', 'libvirt-daemon-driver-lxc', 'qemu-system-x86', 'qemu-utils', 'dnsmasq-base', 'iproute2', 'iptables', 'nftables', 'xsltproc'];
/** What building a guest needs; who isn't root builds it in a user namespace. */
const GUESTS = ['mmdebstrap', 'e2fsprogs', 'cpio', ...(process.geteuid() === 0 ? [] : ['uidmap'])];
/** What the tests need beside: schema validation, cloud-init images, a browser to look at reports with, SSH and what its server needs, certificates, users. */
const TESTS = ['libxml2-utils', 'genisoimage', 'chromium', 'openssl', 'openssh-client', 'libwrap0', 'libgssapi-krb5-2', 'passwd'];

/** The peers of the benchmarks: what python-see 1.3.7 imports, and OpenSSH. */
const PEERS = ['python3-venv', 'python3-libvirt', 'python3-boto3', 'openssh-client'];

const PACKAGES = { quickstart: [...HOST, ...GUESTS], test: [...HOST, ...GUESTS, ...TESTS], bench: [...HOST, ...GUESTS, ...PEERS] };

/** Debian's packages; on other systems, the list of what is needed. @param {keyof typeof PACKAGES} purpose @returns {import('./steps.mjs').Step} */
export function aptPackages(purpose) {
  const log = join(LOGS, 'apt.log');
  const wanted = PACKAGES[purpose];
  const missingPackages = () => wanted.filter((name) => !installed().has(name));
  return {
    name: 'Debian packages',
    missing() {
      if (!findProgram('apt-get') || !existsSync('/var/lib/dpkg/status')) return withoutApt(purpose);
      const names = missingPackages();
      if (names.length === 0) return undefined;
      const what = `install Debian packages: ${names.join(' ')}`;
      return process.geteuid() === 0 ? { what } : { what, asRoot: ['apt-get update', `apt-get install --no-install-recommends ${names.join(' ')}`] };
    },
    async run() {
      const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
      for (const args of [['update', '-q'], ['install', '-q', '-y', '--no-install-recommends', ...missingPackages()]]) {
        const { code, output } = await runProgram('apt-get', args, { log, env, timeoutMs: 1_800_000 });
        if (code !== 0) throw new StepFailure(`apt-get ${args[0]} ended with ${code}`, output, log);
      }
    },
  };
}

/** Names of the packages that are installed, read where dpkg keeps them: asking dpkg is slower, and fails for unknown names. */
function installed() {
  const names = new Set();
  for (const paragraph of readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n')) {
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    if (name && /^Status: .* installed$/m.test(paragraph)) names.add(name);
  }
  return names;
}

const PROGRAMS = { quickstart: ['virsh', 'qemu-system-x86_64', 'qemu-img', 'dnsmasq', 'ip', 'xsltproc'], test: ['xmllint', 'virt-xml-validate'], bench: [] };

/** @param {keyof typeof PACKAGES} purpose */
function withoutApt(purpose) {
  const missing = [...new Set([...PROGRAMS.quickstart, ...PROGRAMS[purpose]])].filter((name) => !findProgram(name));
  if (missing.length === 0) return undefined;
  return { what: `programs: ${missing.join(', ')}`, byHand: `install what Debian's packages ${PACKAGES[purpose].join(' ')} hold; only apt is known to this set-up` };
}
