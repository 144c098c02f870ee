import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOGS, cacheFolder } from './places.mjs';
import { runProgram } from './run-program.mjs';

/**
 * The schemas that libvirt has for its XML, of a version before the oldest and of the newest that Sandform is for, and one in between: as
 * Debian's packages of it hold them. Which release has which version is Debian's to say; the folder's name tells what was found.
 */
const RELEASES = ['bullseye', 'trixie', 'sid'];
/** Debian moved them from the one to the other. */
const PACKAGES = ['libvirt-common', 'libvirt0'];
const LOG = join(LOGS, 'libvirt-schemas.log');

/** Tests compare with what they get; a host that has no mirror of Debian goes without. @returns {import('./steps.mjs').Step} */
export function libvirtSchemas() {
  return {
    name: "libvirt's schemas of other versions",
    after: ['Debian packages'],
    missing: () => (RELEASES.every((release) => existsSync(folderOf(release))) ? undefined : { what: "fetch the schemas of libvirt's XML from Debian's packages of other releases" }),
    async run() {
      const failures = [];
      for (const release of RELEASES) if (!existsSync(folderOf(release)) && !(await fetched(release))) failures.push(release);
      return failures.length === 0 ? undefined : `not had from ${failures.join(', ')} (${LOG}); tests go without`;
    },
  };
}

/** @param {string} release */
function folderOf(release) {
  return join(cacheFolder(), 'libvirt-schemas', release);
}

/** Whole or not at all. @param {string} release */
async function fetched(release) {
  const folder = folderOf(release);
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(join(dirname(folder), '.part-'));
  try {
    // A state of apt's own, with the mirror and the proxies of the host.
    for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, part), { recursive: true });
    const script = `
      mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' | awk '$2 == "main" { print $1; exit }')
      [ -n "$mirror" ] || { echo 'apt names no mirror'; exit 1; }
      echo "deb $mirror ${release} main" >sources.list
      set -- -q -o Dir::State="$PWD" -o Dir::State::status=/dev/null -o Dir::Cache="$PWD/cache" -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=- -o Acquire::Languages=none -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any
      apt-get "$@" update || exit 1
      for package in ${PACKAGES.join(' ')}; do apt-get "$@" download "$package" || true; done
      for archive in *.deb; do dpkg-deb --fsys-tarfile "$archive" | tar -x --wildcards './usr/share/libvirt/schemas/*.rng' || true; done
      dpkg-deb --show --showformat '\${Version}' "$archive" >version
    `;
    const { code } = await runProgram('bash', ['-c', script], { cwd: work, log: LOG, timeoutMs: 300_000 });
    const schemas = join(work, 'usr/share/libvirt/schemas');
    if (code !== 0 || !existsSync(join(schemas, 'domain.rng'))) return false;
    renameSync(join(work, 'version'), join(schemas, 'version'));
    renameSync(schemas, folder);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
