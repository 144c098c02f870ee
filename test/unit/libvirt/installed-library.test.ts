import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { GLIB, LIBVIRT, LIBVIRT_QEMU } from '../../../hooks-runtime/libvirt/native/symbols';

const ROOM = join(__dirname, '../../../dist/hooks-runtime/libvirt');

describe('the table of native functions', () => {
  it.each([
    ['libvirt.so.0', Object.keys(LIBVIRT).filter((name) => !['virNetworkGetMetadata', 'virNetworkSetMetadata'].includes(name))],
    ['libvirt-qemu.so.0', Object.keys(LIBVIRT_QEMU)],
    ['libglib-2.0.so.0', Object.keys(GLIB)],
  ])('names what %s has', (library, names) => {
    const loaded = koffi.load(library);
    for (const name of names) expect(() => loaded.symbol(name) as bigint).not.toThrow();
  });
});

describe('a process that uses libvirt', () => {
  it('ends by itself once the connection is closed', async () => {
    const script = `const c = await LibvirtConnection.open('test:///default'); await c.domains.list(); await c.close(); console.log('closed');`;
    expect(await run(script)).toMatchObject({ stdout: 'closed\n', stderr: '' });
  });

  it('ends at process.exit although the connection is open', async () => {
    const script = `const c = await LibvirtConnection.open('test:///default'); process.exitCode = 7; console.log('leaving'); process.exit();`;
    await expect(run(script)).rejects.toMatchObject({ code: 7, stdout: 'leaving\n' });
  });

  it('hears of errors by exceptions alone: libvirt prints nothing', async () => {
    const script = `const c = await LibvirtConnection.open('test:///default'); await c.domains.get('nobody').catch((error) => console.log(error.code)); await c.close();`;
    expect(await run(script)).toMatchObject({ stdout: 'LIBVIRT_NOT_FOUND\n', stderr: '' });
  });

  it('gets LIBVIRT_NOT_INSTALLED at first use where there is no libvirt, and nothing at import', async () => {
    const script = `console.log('imported'); await LibvirtConnection.open('test:///default').catch((error) => console.log(error.code));`;
    expect(await run(script, ['--require', join(__dirname, 'without-libvirt.cjs')])).toMatchObject({ stdout: 'imported\nLIBVIRT_NOT_INSTALLED\n', stderr: '' });
  });
});

/** Node's own process, its threads included, as users have it. */
function run(script: string, options: readonly string[] = []): Promise<{ stdout: string; stderr: string }> {
  const program = `const { LibvirtConnection } = require(${JSON.stringify(ROOM)}); (async () => { ${script} })();`;
  return promisify(execFile)(process.execPath, [...options, '--eval', program], { timeout: 30_000 });
}
