import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LibvirtConnection } from '../hooks-runtime/libvirt';
import { type Measurement, inTurns } from './measurement';

const run = promisify(execFile);
const ROUNDS = 30;

/** Asking for a domain's state: one call on an open connection against virsh as a process. */
export async function libvirtCall(uri: string, domainName: string): Promise<Measurement> {
  await using connection = await LibvirtConnection.open(uri);
  const domain = await connection.domains.get(domainName);
  const { ours, peer } = await inTurns(
    ROUNDS,
    () => milliseconds(() => domain.state()),
    () => milliseconds(() => run('virsh', ['-c', uri, 'domstate', domainName])),
  );
  return { what: 'cheap libvirt call (domain state)', unit: 'ms', ours, peer: { name: 'virsh', values: peer } };
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
