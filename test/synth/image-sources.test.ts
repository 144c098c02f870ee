import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomImageSource, Image, type ImageLock, type NamedSource, RootFilesystem, imageIndexFile, imageLockText, rootIndexFile, sourceDigest } from 'sandform';

let folder: string;
const before = { cwd: process.cwd(), ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-sources-'));
  writeFileSync(join(folder, 'cdktf.json'), '{}');
  process.chdir(folder);
  process.env['SANDFORM_CACHE'] = join(folder, 'cache');
  process.env['SANDFORM_IMAGES'] = 'locked';
});
afterEach(() => {
  process.chdir(before.cwd);
  process.env = { ...before };
  rmSync(folder, { recursive: true, force: true });
});

class Own extends CustomImageSource<{ path: string }> {
  static override readonly source = __filename;
  override resolve = () => Promise.reject(new Error('never asked for at synth'));
  override read = () => Promise.reject(new Error('never asked for at synth'));
}

/** What an app tells of its sources where it is asked for them. */
function collected(...images: readonly { reference: (doing: string) => unknown }[]): NamedSource[] {
  process.env['SANDFORM_IMAGE_SOURCES'] = join(folder, 'sources');
  for (const image of images) image.reference('test');
  delete process.env['SANDFORM_IMAGE_SOURCES'];
  return readFileSync(join(folder, 'sources'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as NamedSource);
}

describe('a source', () => {
  it.each<[string, Image | RootFilesystem, NamedSource]>([
    ['an address', Image.fromHttp('https://host/a/lab.qcow2?x=1'), { name: 'lab.qcow2', source: { kind: 'http', url: 'https://host/a/lab.qcow2?x=1' } }],
    ['a volume', Image.fromPool('default', { volume: 'lab.img' }, { format: 'raw' }), { name: 'lab.img', source: { kind: 'pool', pool: 'default', volume: 'lab.img', format: 'raw' } }],
    ['a pattern of volumes', Image.fromPool('default', { newest: 'lab-*' }, { name: 'lab' }), { name: 'lab', source: { kind: 'pool', pool: 'default', newest: 'lab-*' } }],
    ['a Glance image', Image.fromGlance({ name: 'lab', tags: ['a'] }, { cloud: 'acme' }), { name: 'lab', source: { kind: 'glance', name: 'lab', tags: ['a'], cloud: 'acme' } }],
    ['an S3 object', Image.fromS3({ bucket: 'b', key: 'x/lab.vmdk' }, { fallback: 'newest' }), { name: 'lab.vmdk', source: { kind: 's3', bucket: 'b', key: 'x/lab.vmdk', fallback: 'newest' } }],
    ['an OCI artifact', Image.fromOci('host:5000/labs/disk:1.0'), { name: 'disk-1.0', source: { kind: 'oci', reference: 'host:5000/labs/disk:1.0' } }],
    ['a root filesystem', RootFilesystem.fromImage(Image.fromHttp('https://host/a/root.tar.xz')), { name: 'root.tar.xz', source: { kind: 'http', url: 'https://host/a/root.tar.xz', holds: 'root' } }],
  ])('that is %s is a name and a declaration', (_what, image, named) => {
    expect(collected(image)).toEqual([named]);
  });

  it.each<[string, Image]>([
    ['an address that is none', Image.fromHttp('ftp://host/lab')],
    ['an address with a password', Image.fromHttp('https://me:secret@host/lab')],
    ['a digest that is none', Image.fromHttp('https://host/lab', { digest: 'abc' })],
    ['a name that no lock takes', Image.fromHttp('https://host/lab', { name: '../lab' })],
    ['nothing to choose by', Image.fromGlance({})],
    ['a class that is no file of the project', Image.from(new Own({ path: '/x' }))],
  ])('that is %s is a mistake of the declaration', (_what, image) => {
    expect(() => image.reference('test')).toThrow(expect.objectContaining({ code: 'PROP_INVALID' }));
  });
});

describe('a lock', () => {
  const named: NamedSource = { name: 'lab', source: { kind: 'http', url: 'https://host/lab' } };
  const image = { digest: 'ab'.repeat(32), format: 'qcow2', virtualSize: 2 ** 30 } as const;
  const lock: ImageLock = { schemaVersion: 1, sources: { lab: { version: { etag: '"1"' }, size: 10, digest: 'cd'.repeat(32), declaration: sourceDigest(named.source), image } } };
  const declared = () => Image.fromHttp('https://host/lab', { name: 'lab' });

  it('says what the plan calls the image, and this machine notes where to fetch it', () => {
    writeFileSync('sandform.lock.json', imageLockText(lock));
    expect(declared().reference('test')).toEqual(image);
    const entry: unknown = JSON.parse(readFileSync(imageIndexFile(join(folder, 'cache'), image.digest), 'utf8'));
    expect(entry).toEqual({ ...image, origin: { ...named, pinned: lock.sources['lab'], project: folder } });
  });

  it('says what the plan calls a root filesystem as well', () => {
    const root = { digest: 'cd'.repeat(32), kind: 'tarball' } as const;
    const source = { ...named.source, holds: 'root' } as const;
    const pinned = { ...lock.sources['lab']!, declaration: sourceDigest(source), image: root };
    writeFileSync('sandform.lock.json', imageLockText({ ...lock, sources: { lab: pinned } }));
    expect(RootFilesystem.fromImage(declared()).reference('test')).toEqual(root);
    const entry: unknown = JSON.parse(readFileSync(rootIndexFile(join(folder, 'cache'), root.digest), 'utf8'));
    expect(entry).toEqual({ ...root, origin: { name: 'lab', source, pinned, project: folder } });
  });

  it('has sorted keys, so that its changes can be read', () => {
    const keys = [...imageLockText(lock).matchAll(/^ {6}"(\w+)":/gm)].map(([, key]) => key);
    expect(keys).toEqual([...keys].sort());
  });

  it.each<[string, string, string]>([
    ['has no entry', imageLockText({ ...lock, sources: {} }), 'IMAGE_UNLOCKED'],
    ['was made for another declaration', imageLockText({ ...lock, sources: { lab: { ...lock.sources['lab']!, declaration: 'ef'.repeat(32) } } }), 'IMAGE_UNLOCKED'],
    ['is no JSON', '{', 'IMAGE_LOCK_INVALID'],
    ['is of another generation', imageLockText(lock).replace('"schemaVersion": 1', '"schemaVersion": 2'), 'IMAGE_LOCK_INVALID'],
    ['holds what it should not', imageLockText(lock).replace('"size": 10', '"size": 10, "password": "x"'), 'IMAGE_LOCK_INVALID'],
  ])('that %s is an error where only what is locked may be used', (_how, text, code) => {
    writeFileSync('sandform.lock.json', text);
    expect(() => declared().reference('test')).toThrow(expect.objectContaining({ code }));
  });

  it('is an error that tells of another way where there is no project to lock anything in', () => {
    process.env['SANDFORM_ADHOC'] = '{}';
    expect(() => declared().reference('test')).toThrow(expect.objectContaining({ code: 'IMAGE_UNLOCKED', fix: expect.stringContaining('sandform see import') }));
  });

  it('is asked for by the context of cdktf.json as well', () => {
    delete process.env['SANDFORM_IMAGES'];
    writeFileSync('cdktf.json', JSON.stringify({ context: { 'sandform:images': 'locked' } }));
    expect(() => declared().reference('test')).toThrow(expect.objectContaining({ code: 'IMAGE_UNLOCKED' }));
  });
});
