import fc from 'fast-check';
import { SandformError } from '../../../lib/errors';
import { Subnet } from '../../../lib/network';

const prefix = fc.integer({ min: 8, max: 29 });
const address = fc.ipV4();
const subnet = fc.tuple(address, prefix).map(([text, bits]) => Subnet.around(text, bits)!);

describe('a subnet', () => {
  it('reads back what it writes', () => {
    fc.assert(fc.property(subnet, (one) => expect(Subnet.parse(one.toString())).toEqual(one)));
  });

  it('overlaps another exactly where one holds the first address of the other', () => {
    fc.assert(
      fc.property(subnet, subnet, (a, b) => {
        const holds = (outer: Subnet, inner: Subnet) => outer.first <= inner.first && inner.first <= outer.last;
        expect(a.overlaps(b)).toBe(holds(a, b) || holds(b, a));
        expect(a.overlaps(b)).toBe(b.overlaps(a));
      }),
    );
  });

  it.each(['10.88.3.1/24', '10.88.3.0/7', '10.88.3.0/30', '10.88.3.0', '10.88.300.0/24', '10.88.3.0/024', ' 10.88.3.0/24', 'fe80::/10', ''])('refuses %p', (text) => {
    expect(() => Subnet.parse(text)).toThrow(expect.objectContaining({ code: 'SUBNET_INVALID' }));
  });

  it('answers any text with a subnet or SUBNET_INVALID', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          Subnet.parse(text);
        } catch (error) {
          expect(SandformError.is(error) && error.code).toBe('SUBNET_INVALID');
        }
      }),
    );
  });

  it('counts addresses from the start of its range', () => {
    const one = Subnet.parse('10.88.255.0/24');
    expect([one.addressAt(0), one.addressAt(1), one.addressAt(255), one.size]).toEqual(['10.88.255.0', '10.88.255.1', '10.88.255.255', 256]);
  });

  it.each([
    ['255.255.255.0', 24],
    ['255.255.255.255', 32],
    ['0.0.0.0', 0],
    ['255.0.255.0', -1],
    ['hello', -1],
  ])('reads netmask %s as /%i', (netmask, expected) => {
    expect(Subnet.prefixOf(netmask)).toBe(expected);
  });
});
