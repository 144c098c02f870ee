import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instancePaths, type InstancePaths } from '../../../hooks-runtime/host/instance-paths';
import { writeLibvirtConfiguration } from '../../../hooks-runtime/host/libvirt-configuration';

let data: string;
let paths: InstancePaths;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sandform-configuration-'));
  paths = { ...instancePaths('unit'), data, configuration: join(data, 'etc'), pool: join(data, 'images') };
});
afterEach(() => rmSync(data, { recursive: true }));

describe("an instance's configuration of libvirt", () => {
  it('keeps guests confined, and their displays on loopback', () => {
    writeLibvirtConfiguration(paths);
    const settings = readFileSync(join(data, 'etc/qemu.conf'), 'utf8').split('\n');
    expect(settings).toEqual(expect.arrayContaining(['seccomp_sandbox = 1', 'vnc_listen = "127.0.0.1"', 'spice_listen = "127.0.0.1"']));
    expect(settings.filter((line) => /^(user|group) /.test(line))).toEqual([]);
  });

  it('brings the storage pool, whose files only those can open who know their names', () => {
    writeLibvirtConfiguration(paths);
    expect(readFileSync(join(data, 'etc/storage/autostart/../sandform.xml'), 'utf8')).toContain(`<path>${paths.pool}</path>`);
    expect(statSync(paths.pool).mode & 0o777).toBe(0o711);
  });

  it('keeps what was defined in an earlier life, and can be written again', () => {
    mkdirSync(join(data, 'etc/qemu'), { recursive: true });
    writeFileSync(join(data, 'etc/qemu/guest.xml'), '<domain/>');
    writeLibvirtConfiguration(paths);
    writeLibvirtConfiguration(paths);
    expect(readFileSync(join(data, 'etc/qemu/guest.xml'), 'utf8')).toBe('<domain/>');
  });
});
