import fc from 'fast-check';
import { Duration, Size } from '../../../lib/units';

describe('Size', () => {
  it.each([
    ['1B', 1],
    ['512MiB', 512 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['2 TiB', 2 * 2 ** 40],
  ])('reads %s as %d bytes', (text, bytes) => expect(Size.parse(text).bytes).toBe(bytes));

  it.each(['', '1', 'MiB', '-1MiB', '0MiB', '1.0000001B', '1e3MiB', '1MB', '99999999TiB', '1MiB\n'])('refuses %j', (text) => {
    expect(() => Size.parse(text)).toThrow(expect.objectContaining({ code: 'SIZE_INVALID' }));
  });

  it('writes what it reads back', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => expect(Size.parse(Size.bytes(bytes).toString()).bytes).toBe(bytes)));
  });
});

describe('Duration', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['30m', 1_800_000],
    ['2d', 172_800_000],
  ])('reads %s as %d ms', (text, milliseconds) => expect(Duration.parse(text).milliseconds).toBe(milliseconds));

  it.each(['', '5', 's', '-5s', '5 seconds', '1e400s', '5s '])('refuses %j', (text) => {
    expect(() => Duration.parse(text)).toThrow(expect.objectContaining({ code: 'DURATION_INVALID' }));
  });

  it('writes what it reads back', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e13 }), (ms) => expect(Duration.parse(Duration.milliseconds(ms).toString()).milliseconds).toBe(ms)));
  });
});
