import fc from 'fast-check';
import { LINK_LOCAL, eui64Address, ipRange, rangeText, rangesOverlap } from '../../../lib';

describe('a range of addresses', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['203.0.113.130/25', '203.0.113.128/25'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1/128'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['::/0', '::/0'],
  ])('is read from %s', (text, canonical) => {
    expect(rangeText(ipRange(text)!)).toBe(canonical);
  });

  it.each(['', 'example.org', '10.1', '10.1.2.3/33', '10.1.2.3/', '10.1.2.3/8/8', '0x0a.1.2.3', '010.1.2.3', '1.2.3.4.5', 'fe80::1%eth0', '::1/129', '/8', '10.0.0.0/-1', '10.0.0.0/1e1'])('is none in %p', (text) => {
    expect(ipRange(text)).toBeUndefined();
  });

  it('is read from nothing that is no address, without a crash', () => {
    fc.assert(fc.property(fc.string(), (text) => void ipRange(text)));
  });

  it('holds its own addresses, is its own canonical form, and overlaps alike both ways', () => {
    const range = fc.oneof(fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })), fc.tuple(fc.ipV6().filter((text) => !text.includes('.')), fc.integer({ min: 0, max: 128 }))).map(([address, prefix]) => `${address}/${prefix}`);
    fc.assert(
      fc.property(range, range, (a, b) => {
        const [first, second] = [ipRange(a), ipRange(b)];
        fc.pre(first !== undefined && second !== undefined);
        expect(ipRange(rangeText(first))).toEqual(first);
        expect(rangesOverlap(first, ipRange(a.split('/')[0]!)!)).toBe(true);
        expect(rangesOverlap(first, second)).toBe(rangesOverlap(second, first));
      }),
    );
  });
});

it('the address that a guest gives itself follows from its MAC address', () => {
  expect(eui64Address(LINK_LOCAL, '52:54:00:44:bd:14')).toBe('fe80::5054:ff:fe44:bd14');
  expect(eui64Address('fd4a:afcf:6754:d225::', '52:54:00:c7:a4:55')).toBe('fd4a:afcf:6754:d225:5054:ff:fec7:a455');
});
