import fc from 'fast-check';
import { type DomainPart, SandboxSpec, asciiJson, canonicalJson, digestOf, mistakesOf, parsed, specFromMetadata } from '../../../lib/spec';

const domain: DomainPart = {
  hypervisor: 'qemu',
  accelerator: 'tcg',
  name: 'lab-victim',
  arch: 'x86_64',
  memory: 96 * 2 ** 20,
  vcpus: 1,
  guest: { name: 'micro', execPort: 'org.sandform.exec.0', agent: true, user: 'root' },
  disks: [{ name: 'root', image: { digest: 'a'.repeat(64), format: 'qcow2', virtualSize: 2 ** 28 }, size: 2 ** 28, bus: 'virtio' }],
  nics: [],
  filesystems: [],
  display: true,
  xmlOverrides: [],
};
const identity = { schemaVersion: 1 as const, app: 'app', stack: 'lab', sandbox: 'victim', digest: digestOf(domain) };
const conduct = { labels: { purpose: 'a "test" of ${x} <b> 🙂' }, power: 'managed' as const, hooks: [] };
const spec: SandboxSpec = { identity, domain, conduct };

describe('a SandboxSpec', () => {
  it('fits its schema', () => expect(mistakesOf(SandboxSpec, structuredClone(spec))).toEqual([]));

  it('tells every mistake with its path, what was given and what was expected', () => {
    const broken = { ...structuredClone(spec), domain: { ...domain, vcpus: 0, colour: 'red' }, conduct: { ...conduct, power: 'maybe' } };
    expect(mistakesOf(SandboxSpec, broken)).toEqual(
      expect.arrayContaining([
        { path: '/domain/vcpus', given: '0', expected: 'must be >= 1' },
        expect.objectContaining({ path: '/domain/colour', given: 'an unknown key' }),
        { path: '/conduct/power', given: '"maybe"', expected: 'one of "on", "managed"' },
      ]),
    );
  });

  it('is refused with a coded error, never a crash, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (document) => {
        expect(() => parsed(SandboxSpec, document, 'SPEC_INVALID', 'reading')).toThrow(expect.objectContaining({ code: 'SPEC_INVALID' }));
      }),
    );
  });

  it('is refused with a coded error when any one value in it is replaced by another', () => {
    const paths = ['identity', 'domain', 'conduct'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (part, value) => {
        const mistakes = mistakesOf(SandboxSpec, { ...structuredClone(spec), [part]: value });
        expect(mistakes.length).toBeGreaterThan(0);
        expect(mistakes.every(({ path, given, expected }) => path !== '' && given !== '' && expected !== '')).toBe(true);
      }),
    );
  });
});

describe('a digest', () => {
  it('does not depend on the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(domain).reverse()) as DomainPart;
    expect(digestOf(reversed)).toBe(digestOf(domain));
  });

  it('differs for another value', () => expect(digestOf({ ...domain, vcpus: 2 })).not.toBe(digestOf(domain)));

  it('is taken over JSON that reads back as the same value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });
});

describe('metadata', () => {
  it('gives back the spec that was written', () => {
    expect(specFromMetadata(asciiJson({ identity, domain }), asciiJson(conduct), 'reading')).toEqual(spec);
  });

  it('is plain ASCII whatever it holds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(asciiJson({ text })).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(asciiJson({ text }))).toEqual({ text });
    }));
  });

  it('without conduct means a sandbox without hooks, labels or TTL', () => {
    expect(specFromMetadata(asciiJson({ identity, domain }), undefined, 'reading').conduct).toEqual({ labels: {}, power: 'on', hooks: [] });
  });

  it('that is hostile is refused with a coded error', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(() => specFromMetadata(text, undefined, 'reading')).toThrow(expect.objectContaining({ code: 'SPEC_INVALID' }))));
  });
});
