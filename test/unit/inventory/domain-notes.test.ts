import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allNoted, descriptionOf, forget, listSandboxes, note, noted, writeConductOf } from '../../../hooks-runtime/inventory';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { asciiJson } from '../../../lib/spec';
import { qemuDomain } from '../domain-xml/sample-domains';

// A domain of libvirt's test driver, defined without metadata, stands for one whose driver keeps none.
const UUID = '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10';
const identity = asciiJson({ identity: { schemaVersion: 1, app: 'tests', stack: 'lab', sandbox: 'box', digest: 'a'.repeat(64), birth: '2026-01-01T00:00:00.000Z' }, domain: { ...qemuDomain, name: 'lab-box' } });

let folder: string;
let connection: LibvirtConnection;
const before = process.env['XDG_DATA_HOME'];
beforeAll(async () => {
  process.env['XDG_DATA_HOME'] = folder = mkdtempSync(join(tmpdir(), 'sandform-notes-'));
  connection = await LibvirtConnection.open('test:///default');
  await connection.domains.define(`<domain type='test'><name>lab-box</name><uuid>${UUID}</uuid><memory>65536</memory><os><type>hvm</type></os></domain>`);
});
afterAll(async () => {
  await connection?.close();
  if (before === undefined) Reflect.deleteProperty(process.env, 'XDG_DATA_HOME');
  else process.env['XDG_DATA_HOME'] = before;
  rmSync(folder, { recursive: true });
});

describe('a domain whose driver keeps no metadata', () => {
  it('is none of ours until it is noted', async () => {
    expect(await descriptionOf(await connection.domains.get('lab-box'))).toBeUndefined();
    expect(await listSandboxes(connection)).toEqual({ sandboxes: [], broken: [] });
    expect(await allNoted()).toEqual([]);
  });

  it('is a sandbox like any other by its note, where its conduct is written as well', async () => {
    await note(UUID, { uri: connection.uri, domain: 'lab-box', identity });
    const domain = await connection.domains.get('lab-box');
    expect(await descriptionOf(domain)).toEqual({ identity, conduct: undefined, type: 'test' });
    await writeConductOf(domain, asciiJson({ hooks: [], labels: { a: 'b' }, power: 'on' }));
    const { sandboxes } = await listSandboxes(connection);
    expect(sandboxes).toMatchObject([{ address: 'lab/box', domain: 'lab-box', uuid: UUID, spec: { conduct: { labels: { a: 'b' } } } }]);
    expect(await domain.xml()).not.toContain('metadata');
    expect(readdirSync(join(folder, 'sandform/domains'))).toEqual([`${UUID}.json`]);
  });

  it('is broken where its note is not a description', async () => {
    await note(UUID, { uri: connection.uri, domain: 'lab-box', identity: '{}' });
    expect(await listSandboxes(connection)).toMatchObject({ sandboxes: [], broken: [{ domain: 'lab-box' }] });
  });

  it.each(['', 'no JSON', '[]'])('is broken where its note was damaged: %p', async (text) => {
    writeFileSync(join(folder, 'sandform/domains', `${UUID}.json`), text);
    expect(await listSandboxes(connection)).toMatchObject({ sandboxes: [], broken: [{ domain: 'lab-box' }] });
  });

  it('is forgotten', async () => {
    writeFileSync(join(folder, 'sandform/domains/other.txt'), '');
    expect(await allNoted()).toEqual([UUID]);
    await forget(UUID);
    await forget(UUID);
    expect([await noted(UUID), await allNoted()]).toEqual([undefined, []]);
  });
});
