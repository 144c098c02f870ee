import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ERRORS, SandformError, type ErrorCode } from '../../../lib/errors';
import { errorsDocument } from '../../../lib/errors/document';

describe('an error', () => {
  const error = new SandformError('NETWORK_SUBNET_TAKEN', { doing: "lab/net: deploying network 'lab-net'", given: '10.88.3.0/24', fix: 'set subnet' });

  it('says what was being done, what was given, what was expected and how to fix it', () => {
    expect(error.format()).toBe(
      [
        "NETWORK_SUBNET_TAKEN  lab/net: deploying network 'lab-net'",
        '  given     10.88.3.0/24',
        `  expected  ${ERRORS.NETWORK_SUBNET_TAKEN.expected}`,
        '  fix       set subnet',
      ].join('\n'),
    );
  });

  it('has a JSON form with the same facts', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'NETWORK_SUBNET_TAKEN', doing: error.doing, given: '10.88.3.0/24', expected: error.expected, fix: 'set subnet' });
  });

  it('never lets what was given act on a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (doing, given) => {
        expect(new SandformError('INTERNAL', { doing, given }).format()).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('keeps a coded error and wraps any other', () => {
    expect(SandformError.from(error, 'x')).toBe(error);
    expect(SandformError.from(new TypeError('boom'), 'doing x')).toMatchObject({ code: 'INTERNAL', given: 'boom' });
    expect(SandformError.from(undefined, 'doing x')).toMatchObject({ code: 'INTERNAL' });
  });
});

describe('docs/errors.md', () => {
  it('is what the table says', () => {
    expect(readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8')).toBe(errorsDocument());
  });

  it.each(Object.keys(ERRORS) as ErrorCode[])('tells the meaning, expectation and fix of %s', (code) => {
    const { meaning, expected, fix } = ERRORS[code];
    expect([meaning, expected, fix].every((text) => text.length > 5)).toBe(true);
  });
});
