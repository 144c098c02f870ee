import { examine, type Finding } from '../../../hooks-runtime/doctor';
import { SandformPool } from '../../../hooks-runtime/images';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { releaseDomain } from '../../../hooks-runtime/release';
import { idleSandbox } from '../fixtures/idle-sandbox';
import { testHost } from '../host';

const of = (findings: readonly Finding[], check: string) => findings.filter((finding) => finding.check === check);

describe('the doctor', () => {
  it('looks at everything and gives a fix for each finding that is not well', async () => {
    const findings = await examine({ uri: (await testHost()).uri });
    const checks = ['host', 'node', 'terraform or tofu', 'xsltproc', 'provider', 'guests', 'cache', 'daemons', 'accelerator', 'libvirt', 'permissions', 'confinement', 'qemu user', 'pool', 'leftovers'];
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(checks));
    for (const { status, fix } of findings) expect(status === 'ok' || (fix ?? '').length > 0).toBe(true);
    expect(of(findings, 'libvirt')[0]).toMatchObject({ status: 'ok' });
    expect(of(findings, 'qemu user')[0]).toMatchObject({ status: 'ok' });
  });

  it('tells a libvirt that does not answer as a problem, and goes on with the machine', async () => {
    const findings = await examine({ uri: 'qemu:///system?socket=/nowhere/libvirt-sock' });
    expect(of(findings, 'libvirt')).toMatchObject([{ status: 'problem' }]);
    expect(of(findings, 'daemons')).toMatchObject([{ status: 'problem' }]);
    expect(of(findings, 'host')).toHaveLength(1);
  });

  it('names expired sandboxes and volumes without theirs', async () => {
    const { uri } = await testHost();
    await using connection = await LibvirtConnection.open(uri);
    const { domain, volume, identity } = await idleSandbox(connection, { birth: new Date(0), conduct: { ttl: 1 } });
    const found = async () => of(await examine({ uri }), 'leftovers').map(({ found: text }) => text).join('\n');
    expect(await found()).toContain(`idle/${identity.sandbox}`);
    await domain.undefine();
    expect(await found()).toContain(volume);
    await (await SandformPool.ensure(connection)).remove(volume);
  });

  it('names a disk that an external snapshot made behind the back of the pool', async () => {
    const { uri } = await testHost();
    await using connection = await LibvirtConnection.open(uri);
    const { domain, volume, volumePath } = await idleSandbox(connection);
    await domain.create();
    await domain.snapshotCreate('<domainsnapshot><name>above</name></domainsnapshot>', { diskOnly: true });
    const found = of(await examine({ uri }), 'leftovers');
    expect(found).toContainEqual(expect.objectContaining({ found: expect.stringContaining(volumePath.replace(/qcow2$/, 'above')), fix: expect.stringContaining('pool-refresh') }));
    await releaseDomain(connection, domain);
    await domain.undefine();
    await (await SandformPool.ensure(connection)).remove(volume);
  });
});
