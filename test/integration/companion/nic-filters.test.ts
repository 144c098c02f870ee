import { randomBytes } from 'node:crypto';
import { closeNics, openNics } from '../../../hooks-runtime/companion/nic-filters';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { CLOSED_EGRESS } from '../../../lib/spec';
import { testHost } from '../host';

describe('the filter of a NIC', () => {
  it('is from the beginning what it will be where the egress stays closed, so that libvirt has nothing to apply anew', async () => {
    const { uri } = await testHost();
    await using connection = await LibvirtConnection.open(uri);
    const name = `closed-${randomBytes(4).toString('hex')}`;
    const owner = { app: 'test', stack: name, sandbox: 'one' };
    const nic = { network: name, mac: '52:54:00:5a:11:03', address: '10.231.78.2', filter: `sandform-${name}-0` };
    const networkOf = () => ({ action: 'network' as const, schemaVersion: 1 as const, uri: null, owner, name, subnet: '10.231.78.0/24', network6: 'fd00:78::' });
    const filter = () => connection.nwfilters.xml(nic.filter);
    const undo = await closeNics({ connection, networkOf }, owner, [nic]);
    try {
      const closed = await filter();
      const network = await connection.networks.define(`<network><name>${name}</name><ip address='10.231.78.1' prefix='24'/><ip family='ipv6' address='fd00:78::1' prefix='64'/></network>`);
      try {
        const write = (allow: readonly { to: string }[]) => openNics({ connection, filters: new Map() }, [{ ...nic, model: 'virtio' }], owner, { ...CLOSED_EGRESS, allow: [...allow] });
        await write([]);
        expect(closed).toContain('10.231.78.1');
        expect(await filter()).toBe(closed);
        await write([{ to: '203.0.113.7' }]);
        expect(await filter()).not.toBe(closed);
      } finally {
        await network.undefine();
      }
    } finally {
      await undo();
    }
  });
});
