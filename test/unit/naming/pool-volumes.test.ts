import fc from 'fast-check';
import { appMark, baseVolumeName, driverVolumeName, memoryDumpName, poolVolumeOf, readyVolumeName, reservationName, stackMarkerName, volumeName } from '../../../lib/naming';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const seconds = fc.integer({ min: 0, max: 4_000_000_000 });

describe('the name of a volume in the pool', () => {
  it('tells what the volume is', () => {
    fc.assert(fc.property(digest, (one) => expect(poolVolumeOf(baseVolumeName(one))).toEqual({ kind: 'base', digest: one })));
    fc.assert(fc.property(digest, seconds, (one, at) => expect(poolVolumeOf(readyVolumeName(one, at))).toEqual({ kind: 'ready', digest: one, at })));
    fc.assert(fc.property(name, (stack) => expect(poolVolumeOf(stackMarkerName(stack))).toEqual({ kind: 'marker', stack })));
    fc.assert(fc.property(name, (domain) => expect(poolVolumeOf(memoryDumpName(domain))).toEqual({ kind: 'memory', domain })));
    fc.assert(fc.property(name, name, fc.constantFrom('qcow2' as const, 'iso' as const, 'raw' as const, 'vmdk' as const, 'vdi' as const), (domain, disk, extension) => expect(poolVolumeOf(volumeName(domain, disk, extension))).toEqual({ kind: 'disk', domain, disk })));
  });

  it('tells which driver is meant, whatever its URI is', () => {
    fc.assert(fc.property(fc.stringMatching(/^[!-~]{1,150}$/), (uri) => {
      expect(driverVolumeName(uri).length).toBeLessThanOrEqual(255);
      expect(poolVolumeOf(driverVolumeName(uri))).toEqual({ kind: 'driver', uri });
    }));
  });

  it('tells all of a reservation, within the 255 bytes of a file name', () => {
    fc.assert(
      fc.property(name, name, name, fc.ipV4(), fc.integer({ min: 8, max: 29 }), seconds, (stack, network, app, address, prefix, at) => {
        const reservation = { network: `${stack}-${network}`, subnet: `${address}/${prefix}`, stack, appMark: appMark(app), at };
        expect(reservationName(reservation).length).toBeLessThanOrEqual(255);
        expect(poolVolumeOf(reservationName(reservation))).toEqual({ kind: 'reservation', ...reservation });
      }),
    );
  });

  it('never takes the name of a disk for anything else', () => {
    // The domain of a sandbox is STACK-NAME; our own first parts have no hyphen.
    fc.assert(fc.property(name, name, name, (stack, sandbox, disk) => expect(poolVolumeOf(volumeName(`${stack}-${sandbox}`, disk, 'qcow2')).kind).toBe('disk')));
  });

  it.each(['', 'default.qcow2', 'base.123', 'ready.x.1', 'reserved.', 'reserved.a.b.c.d.e', 'stack..marker', 'a b.root.qcow2', '../x.root.qcow2', 'vm.root.img', 'driver.', 'driver.!', 'driver.AAA'])('calls %p foreign', (text) => {
    expect(poolVolumeOf(text)).toEqual({ kind: 'foreign' });
  });
});
