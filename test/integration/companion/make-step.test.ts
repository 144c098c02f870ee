import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeDomain } from '../../../hooks-runtime/companion/make-step';
import { containerFolders } from '../../../hooks-runtime/containers';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { SandformError } from '../../../lib/errors';
import { rootIndexFile } from '../../../lib/images';
import { lxcDomain } from '../../unit/domain-xml/sample-domains';
import { busyboxRoot } from '../fixtures/busybox-root';
import { testHost } from '../host';

it('a container that its networks cannot name is taken back, and the first failure is told', async () => {
  const host = await testHost();
  await using connection = await LibvirtConnection.open(host.lxcUri);
  await using networks = await LibvirtConnection.open(host.uri);
  const name = `unnamed-${randomBytes(4).toString('hex')}`;
  const nic = { network: name, mac: '52:54:00:5a:11:02', model: 'virtio', address: '10.231.77.2' };
  const network = await networks.networks.define(`<network><name>${name}</name>
    <ip address='10.231.77.1' prefix='24'><dhcp><host mac='${nic.mac}' name='${name}' ip='${nic.address}'/></dhcp></ip></network>`);
  const cache = mkdtempSync(join(tmpdir(), 'sandform-cache-'));
  const { SANDFORM_CACHE: before } = process.env;
  try {
    const digest = createHash('sha256').update(readFileSync(busyboxRoot())).digest('hex');
    mkdirSync(dirname(rootIndexFile(cache, digest)), { recursive: true });
    writeFileSync(rootIndexFile(cache, digest), JSON.stringify({ digest, kind: 'tarball', path: busyboxRoot() }));
    process.env['SANDFORM_CACHE'] = cache;
    const domain = { ...lxcDomain, name, nics: [nic], filesystems: [], container: { root: { digest, kind: 'tarball' as const }, init: ['/bin/sh'], userNamespace: true } };
    const identity = { schemaVersion: 1 as const, app: 'test', stack: 'unnamed', sandbox: 'one', digest: 'a'.repeat(64) };
    const context = { connection: refusingNames(connection), stack: () => Promise.resolve(networks), siblings: () => Promise.resolve([connection]), conductOf: () => undefined, networkOf: () => undefined, filters: new Map<string, string>(), signal: new AbortController().signal, tell: () => undefined };
    const input = { action: 'make' as const, schemaVersion: 1 as const, uri: null, hypervisor: 'lxc' as const, uuid: randomUUID(), identity, domain, running: false };
    await expect(makeDomain(context, input)).rejects.toMatchObject({ code: 'LIBVIRT_FAILED', doing: expect.stringContaining(name) });
    expect(await connection.domains.find(name)).toBeUndefined();
    const folders = await containerFolders(connection);
    expect([folders.layers, folders.mounts].flatMap((folder) => readdirSync(folder)).filter((entry) => entry === name)).toEqual([]);
  } finally {
    if (before === undefined) delete process.env['SANDFORM_CACHE'];
    else process.env['SANDFORM_CACHE'] = before;
    await network.undefine();
    rmSync(cache, { recursive: true });
  }
});

/** The same connection, but its networks take no more names: nothing that a caller can do makes libvirt refuse one. */
function refusingNames(connection: LibvirtConnection): LibvirtConnection {
  const find = async (network: string) => {
    const found = await connection.networks.get(network);
    return { xml: () => found.xml(), update: () => Promise.reject(new SandformError('LIBVIRT_FAILED', { doing: `naming on ${network}` })) };
  };
  const all = (target: LibvirtConnection, key: string | symbol) => {
    const value: unknown = Reflect.get(target, key, target);
    return typeof value === 'function' ? value.bind(target) : value;
  };
  return new Proxy(connection, { get: (target, key) => (key === 'networks' ? { find } : all(target, key)) });
}
