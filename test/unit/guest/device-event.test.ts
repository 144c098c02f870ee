import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from '../../integration/fixtures/eventually';

const DEVICE_EVENT = join(__dirname, '../../../scripts/guests/files/micro/root/usr/lib/sandform/device-event');

describe('the micro guest, told of a NIC', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandform-device-event-'));
    program('ip', `echo "$*" >>ip.log; [ "$(wc -l <ip.log)" -ge 3 ]`);
    program('udhcpc', `echo "$*" >udhcpc.log; for try in $(seq 100); do [ -e answer ] && break; sleep 0.05; done; echo yes >answered`);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A stand-in for a program of the guest. */
  const program = (name: string, script: string) => writeFileSync(join(folder, name), `#!/bin/sh\ncd '${folder}'\n${script}\n`, { mode: 0o755 });
  const tell = () => execFileSync(DEVICE_EVENT, { env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, ACTION: 'add', SUBSYSTEM: 'net', INTERFACE: 'eth7' }, timeout: 20_000 });
  const shows = (file: string, text: string) => eventually(`${text} in ${file}`, () => existsSync(join(folder, file)) && readFileSync(join(folder, file), 'utf8').includes(text), 10_000);

  it('brings it up, though it can’t be found at once, and asks for a lease without keeping other events waiting', async () => {
    tell();
    expect(readFileSync(join(folder, 'ip.log'), 'utf8')).toBe('link set eth7 up\n'.repeat(3));
    await shows('udhcpc.log', '-i eth7');
    expect(existsSync(join(folder, 'answered'))).toBe(false);
    writeFileSync(join(folder, 'answer'), '');
    await shows('answered', 'yes');
  });
});
