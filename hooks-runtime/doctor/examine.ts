import { libvirtUri } from '../../lib/naming';
import { openSiblings } from '../inventory';
import { LibvirtConnection } from '../libvirt';
import { type Check, failed, type Finding } from './finding';
import { leftoverFindings, poolFindings } from './holdings-checks';
import { acceleratorFinding, containersFinding, confinementFindings, daemonFinding, reachFindings } from './libvirt-checks';
import { sessionFindings } from './session-checks';
import { cacheCheck, guestCheck, hostChecks, providerCheck, toolChecks } from './machine-checks';

/** What to look at. */
export interface ExamineOptions {
  readonly uri: string;
  readonly signal?: AbortSignal;
}

/**
 * Looks at this machine and the libvirt at a URI, and changes nothing. Never fails: what cannot be looked at is a finding.
 */
export async function examine({ uri, signal }: ExamineOptions): Promise<Finding[]> {
  const machine = await looked([
    ['host', async () => Promise.resolve(hostChecks())],
    ['tools', async () => Promise.resolve([...toolChecks(), providerCheck()])],
    ['guests', async () => Promise.resolve([guestCheck()])],
    ['cache', async () => [await cacheCheck()]],
    ['daemons', async () => Promise.resolve([daemonFinding(uri)])],
    ['accelerator', async () => [await acceleratorFinding(uri)]],
  ]);
  let connection: LibvirtConnection;
  try {
    connection = await LibvirtConnection.open(uri, { readOnly: true, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    return [...machine, failed('libvirt', error)];
  }
  await using _connection = connection;
  const siblings = await openSiblings(connection, { readOnly: true, ...(signal === undefined ? {} : { signal }) });
  await using _siblings = { [Symbol.asyncDispose]: () => Promise.all(siblings.map((sibling) => sibling.close())).then(() => undefined) };
  const { isSession } = libvirtUri(uri);
  const host = await looked([
    ['libvirt', () => reachFindings(connection, uri, signal)],
    ['containers', () => Promise.resolve([containersFinding(uri, siblings)])],
    ['confinement', async () => (await confinementFindings(connection)).filter(({ check }) => !isSession || check !== 'qemu user')],
    ['session', async () => Promise.resolve(isSession ? sessionFindings() : [])],
    ['pool', () => poolFindings(connection)],
    ['leftovers', () => leftoverFindings(connection, siblings)],
  ]);
  return [...machine, ...host];
}

async function looked(checks: readonly (readonly [string, Check])[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, check] of checks) {
    try {
      findings.push(...(await check()));
    } catch (error) {
      findings.push(failed(name, error));
    }
  }
  return findings;
}
