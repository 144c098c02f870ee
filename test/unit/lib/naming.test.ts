import fc from 'fast-check';
import { formatAddress, macAddress, parseAddress } from '../../../lib/naming';

describe('an address', () => {
  it('names a sandbox or a whole stack', () => {
    expect(parseAddress('lab/victim')).toEqual({ stack: 'lab', sandbox: 'victim' });
    expect(parseAddress('lab')).toEqual({ stack: 'lab' });
  });

  it.each(['', '/', 'lab/', '/victim', 'a/b/c', '../x', 'lab/vic tim', '-lab', '🙂', 'lab/${x}', `a${'b'.repeat(63)}`])('%j is refused', (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
  });

  it('is either read and written back, or refused with a code', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9_/-]{1,20}$/)), (text) => {
        let address;
        try {
          address = parseAddress(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ADDRESS_INVALID' });
          return;
        }
        expect(formatAddress(address)).toBe(text);
      }),
    );
  });
});

describe('a MAC address', () => {
  it('is stable, and differs by app, domain and NIC', () => {
    expect(macAddress('app', 'lab-a', 0)).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(new Set([macAddress('app', 'lab-a', 0), macAddress('app', 'lab-a', 0), macAddress('app', 'lab-a', 1), macAddress('app', 'lab-b', 0), macAddress('other', 'lab-a', 0)]).size).toBe(4);
  });
});
