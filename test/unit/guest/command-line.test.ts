import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { commandScript, commandText } from '../../../hooks-runtime/guest/command-line';
import { createClientKey, isEd25519Blob } from '../../../hooks-runtime/guest/ssh/client-key';
import { utils } from 'ssh2';

const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed());

describe('a command for the guest', () => {
  it('reaches a real shell as it is, whatever its words hold', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), word, (args, value) => {
        const script = commandScript(['printf', '%s\\n', ...args, 'end'], { env: { A: value } });
        expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe([...args, 'end', ''].join('\n'));
        expect(execFileSync('/bin/sh', ['-c', commandScript('printf %s "$A"', { env: { A: value } })], { encoding: 'utf8' })).toBe(value);
      }),
      { numRuns: 50 },
    );
  });

  it('is shown as a shell would take it', () => {
    expect(commandText(['echo', "it's", 'a b', '--x=y'])).toBe(`echo 'it'\\''s' 'a b' --x=y`);
  });
});

describe('a key for one connection', () => {
  it('is one that SSH can read, every time', () => {
    for (let count = 0; count < 600; count += 1) {
      const { publicLine, privatePem } = createClientKey();
      const blob = Buffer.from(publicLine.split(' ')[1] ?? '', 'base64');
      expect(isEd25519Blob(blob)).toBe(true);
      const parsed = utils.parseKey(privatePem);
      expect(parsed instanceof Error ? parsed : parsed.getPublicSSH()).toEqual(blob);
    }
  });
});
