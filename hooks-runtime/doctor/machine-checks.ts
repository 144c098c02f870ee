import { existsSync, readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cacheFolder } from '../../lib/images';
import { NODE_VERSIONS, nodeFit } from '../../lib/node-version';
import { Size } from '../../lib/units';
import { findProgram, toolchainFiles } from '../host';
import { type Finding, ok, problem, warning } from './finding';

/** Kernel and Node. */
export function hostChecks(): Finding[] {
  return [
    process.platform === 'linux' ? ok('host', `Linux on ${process.arch}`) : problem('host', process.platform, 'use Linux'),
    nodeFit(process.versions.node) === 'fits' ? ok('node', process.version) : problem('node', process.version, `use Node ${NODE_VERSIONS}`),
  ];
}

interface Tool {
  /** Any of them will do. */
  readonly programs: readonly string[];
  readonly for: string;
  readonly package: string;
  readonly status: 'warning' | 'problem';
}

const TOOLS: readonly Tool[] = [
  { programs: ['terraform', 'tofu'], for: 'cdktf deploy', package: 'install Terraform or OpenTofu; `npm run quickstart` builds OpenTofu where Go is installed', status: 'problem' },
  { programs: ['xsltproc'], for: "the provider's XSLT", package: 'apt-get install xsltproc', status: 'problem' },
  { programs: ['qemu-img'], for: 'building guests', package: 'apt-get install qemu-utils', status: 'warning' },
  { programs: ['dnsmasq'], for: "addresses in libvirt's networks", package: 'apt-get install dnsmasq-base', status: 'warning' },
];

/** Programs that deploying needs on this machine. */
export function toolChecks(): Finding[] {
  const tofu = toolchainFiles().tofu;
  return TOOLS.map(({ programs, for: purpose, package: fix, status }) => {
    const found = programs.map(findProgram).find((path) => path !== undefined) ?? (programs.includes('tofu') && existsSync(tofu) ? tofu : undefined);
    const check = programs.join(' or ');
    return found === undefined ? { check, status, found: `not installed; needed for ${purpose}`, fix } : ok(check, found);
  });
}

/** Where Terraform gets the libvirt provider. */
export function providerCheck(): Finding {
  const { cliConfiguration } = toolchainFiles();
  const { TF_CLI_CONFIG_FILE: own } = process.env;
  if (existsSync(cliConfiguration)) {
    return own === cliConfiguration ? ok('provider', `from the mirror of ${own}`) : warning('provider', `a mirror is there, but this shell does not use it`, 'run `eval "$(npx sandform env)"` before cdktf');
  }
  return ok('provider', own === undefined ? 'from the Terraform registry' : `as ${own} says`);
}

const SCARCE = Size.parse('2GiB').bytes;
const TOO_SCARCE = Size.parse('256MiB').bytes;

/** Room for something in a file system. */
export function roomFinding(check: string, folder: string, available: number): Finding {
  const found = `${Math.floor(available / 2 ** 20)} MiB free in ${folder}`;
  const fix = 'free some space; `sandform reap --all --dry-run` shows what Sandform could remove';
  if (available < TOO_SCARCE) return problem(check, found, fix);
  return available < SCARCE ? warning(check, found, fix) : ok(check, found);
}

/** Room for images and guests in the user's cache. */
export async function cacheCheck(): Promise<Finding> {
  const folder = cacheFolder(process.env);
  const { bavail, bsize } = await statfs(nearestExisting(folder));
  return roomFinding('cache', folder, bavail * bsize);
}

/** Guests that were built on this machine. */
export function guestCheck(): Finding {
  const folder = `${cacheFolder(process.env)}/guests`;
  const names = existsSync(folder) ? readdirSync(folder).flatMap((name) => /^([a-z0-9]+)\.json$/.exec(name)?.[1] ?? []) : [];
  return names.length > 0 ? ok('guests', names.join(', ')) : warning('guests', 'none is built', 'run `npx sandform guest build micro`');
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path));
}
