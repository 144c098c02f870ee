import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SEED_PORT, withGuestProgram } from '../../constructs/first-boot';
import { buildGuest } from '../../hooks-runtime/host';
import { readDomainXml } from '../../lib/domain-xml';
import { eventually } from './fixtures/eventually';
import { OwnHost } from './fixtures/own-host';
import { TestProject } from './fixtures/project';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

/**
 * The example of a Debian with all that firmware can be asked for, which here also says that it is other hardware and gets what the first boot of a
 * cloud image brings; and beside it a small machine that says what it is, and a Windows that is none.
 */
function declarations(): string {
  const example = readFileSync(join(__dirname, '../../examples/uefi-tpm/main.ts'), 'utf8');
  const [before, after] = example.split("tpm: true }) });\n");
  expect(after?.trim()).toBe('app.synth();');
  return `
import { HardwareProfile, Image, SandboxNetwork } from 'sandform';
${before}tpm: true }), ...more() });
new Sandbox(stack, 'plain', { guest: Guest.micro({ firmware: 'uefi', tpm: true }) });
const disc = Image.fromPath('idle.img', { format: 'raw' });
new Sandbox(stack, 'windows', { guest: Guest.windows11(disc, { install: '1GiB', drivers: disc }), memory: '256MiB', power: 'managed' });
${after}
function more() {
  const hardware = HardwareProfile.laptop().with({ system: { serial: 'PF2XYZ' }, disk: { serial: 'S4EWNX0M' }, cpu: { features: [{ name: 'adx', policy: 'disable' }] } });
  const port = [['type', 'virtio'], ['name', '${SEED_PORT}']].map(([attribute, value]) => ({ path: 'devices/channel[3]/target', attribute, value }));
  return {
    hardware, networks: [new SandboxNetwork(stack, 'net')], disks: [{ name: 'more', size: '16MiB', bus: 'scsi' }],
    cloudInit: { userData: ${JSON.stringify(withGuestProgram('#cloud-config\nhostname: from-user-data\n'))} },
    xmlOverrides: [{ path: 'devices/channel[3]', attribute: 'type', value: 'unix' }, ...port],
  } as const;
}`;
}

/** Milliseconds that firmware, boot loaders, kernel and cloud-init may take where all is emulated and others work as well. */
const SLOWEST_BOOT = 180_000;

/** As few processes as can be: each costs an emulated guest a while. */
const FACTS = `
tell() { value=; [ ! -r "$2" ] || read -r value <"$2"; echo "$1=$value"; }
for file in /sys/class/dmi/id/*_*; do tell "\${file##*/}" "$file"; done
for name in SecureBoot SetupMode; do echo "$name=$(od -An -tu1 /sys/firmware/efi/efivars/$name-* | tr -d ' ')"; done
tell bits /sys/firmware/efi/fw_platform_size
tell lockdown /sys/kernel/security/lockdown
[ ! -c /dev/tpm0 ] || tell tpm /sys/class/tpm/tpm0/tpm_version_major
for pcr in 0 4 7 23; do tell pcr$pcr /sys/class/tpm/tpm0/pcr-sha256/$pcr; done
sed -n 's/^model name.*: /cpu=/p; s/^flags.*: /flags=/p' /proc/cpuinfo
for disk in /sys/block/[sv]da; do tell "\${disk##*/}Vendor" $disk/device/vendor; tell "\${disk##*/}Model" $disk/device/model; tell "\${disk##*/}Serial" $disk/serial; done
tell mac /sys/class/net/eth0/address
! command -v systemd-detect-virt >/dev/null || echo "virt=$(systemd-detect-virt)"
`;

describe('guests that UEFI boots', () => {
  let host: OwnHost;
  let project: TestProject;
  let secure: Readonly<Record<string, string>>;
  let plain: Readonly<Record<string, string>>;
  beforeAll(async () => {
    await buildGuest('debian12-uefi');
    host = await OwnHost.up('guest-firmware');
    project = TestProject.create(host, '');
    project.write('main.ts', declarations());
    await project.expectDone(project.tool('tsx', ['main.ts']));
    await project.expectDone(await project.apply('uefi-tpm'));
    [secure, plain] = await Promise.all([factsOf('uefi-tpm/secure'), factsOf('uefi-tpm/plain')]);
  }, 2 * SLOWEST_BOOT);
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  async function factsOf(sandbox: string): Promise<Readonly<Record<string, string>>> {
    const { stdout } = await project.expectDone(project.sandformWithin(SLOWEST_BOOT, 'exec', sandbox, '--', 'sh', '-c', FACTS));
    return Object.fromEntries(stdout.split('\n').flatMap((line) => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()]] : [])));
  }

  it('are booted by what Secure Boot trusts, and know it', () => {
    // The four bytes before are attributes.
    expect(secure).toMatchObject({ SecureBoot: '60001', SetupMode: '60000', lockdown: 'none [integrity] confidentiality' });
    expect([secure['bits'], plain['bits']]).toEqual(['64', '64']);
  });

  it('have a TPM that measured their boot', () => {
    expect(secure['tpm']).toBe('2');
    const measured = ['pcr0', 'pcr4', 'pcr7'].map((name) => secure[name] ?? '');
    expect(new Set(measured).size).toBe(3);
    for (const pcr of measured) expect(pcr).toMatch(/^(?!0{64})[0-9A-F]{64}$/);
    expect(secure['pcr23']).toBe('0'.repeat(64));
    expect(plain['tpm']).toBe('2');
    expect(plain['pcr0']).toMatch(/^(?!0{64})[0-9A-F]{64}$/);
  });

  it('see the hardware that their profile tells of', () => {
    expect(secure).toMatchObject({
      bios_vendor: 'LENOVO',
      bios_version: 'N2HET66W (1.49 )',
      bios_date: '08/20/2023',
      bios_release: '1.49',
      sys_vendor: 'LENOVO',
      product_name: '20QES2D500',
      product_version: 'ThinkPad X1 Carbon 7th',
      product_serial: 'PF2XYZ',
      product_family: 'ThinkPad X1 Carbon 7th',
      board_vendor: 'LENOVO',
      board_version: 'SDK0J40697 WIN',
      chassis_vendor: 'LENOVO',
      chassis_version: 'None',
      sdaVendor: 'SAMSUNG',
      sdaModel: 'MZVLB512HBJQ',
      vdaSerial: 'S4EWNX0M',
      mac: expect.stringMatching(/^98:fa:9b:/),
      cpu: expect.stringMatching(/^Intel Core Processor \(Skylake/),
    });
    expect(secure['board_serial']).toMatch(/^[0-9A-Y]{12}$/);
    expect(Object.entries(secure).filter(([name, value]) => name !== 'flags' && /qemu|bochs|kvm|q35/i.test(value))).toEqual([]);
  });

  it('miss the hypervisor bit and the features that were taken away', () => {
    const flags = (facts: typeof secure) => facts['flags']?.split(' ') ?? [];
    expect(flags(secure)).not.toEqual(expect.arrayContaining(['hypervisor']));
    expect(flags(secure)).not.toEqual(expect.arrayContaining(['adx']));
    expect(flags(plain)).toEqual(expect.arrayContaining(['hypervisor', 'adx']));
    // By the bit that QEMU sets in SMBIOS and nothing takes away: not by which hypervisor.
    expect(secure['virt']).toBe('vm-other');
    expect(plain).toMatchObject({ sys_vendor: 'QEMU', vdaSerial: 'root' });
  });

  it("have Sandform's guest program from the first boot of a cloud image, beside the documents of their user", async () => {
    const isServed = () => readDomainXml(host.virsh('dumpxml', 'uefi-tpm-secure'))?.channels.some(({ name, connected }) => name === SEED_PORT && connected === true) === true;
    await eventually('the guest program to take its port', isServed, SLOWEST_BOOT);
    const { stdout } = await project.expectDone(project.sandform('exec', 'uefi-tpm/secure', '--', 'sh', '-c', 'until [ "$(hostname)" = from-user-data ]; do sleep 0.2; done; hostname; systemctl is-active sandform-seed sandform-exec'));
    expect(stdout.trim().split('\n')).toEqual(['from-user-data', 'active', 'active']);
  }, 2 * SLOWEST_BOOT);

  it('of Windows get a machine that QEMU takes, if nothing more', () => {
    host.virsh('start', '--paused', 'uefi-tpm-windows');
    expect(host.virsh('domstate', 'uefi-tpm-windows').trim()).toBe('paused');
    expect(host.virsh('domblklist', '--details', 'uefi-tpm-windows').match(/cdrom\s+sd[bcd]\s+\S*\/base\./g)).toHaveLength(3);
  });

  it('are destroyed from any state, with their variables and the state of their TPM', async () => {
    expect(await project.planIsClean('uefi-tpm')).toBe(true);
    const kept = () => ['qemu/nvram', 'swtpm'].flatMap((folder) => readdirSync(join(dirname(host.instance.poolPath), 'lib', folder)));
    expect(kept()).toHaveLength(6);
    host.virsh('managedsave', 'uefi-tpm-secure');
    // What is left is a running domain without a definition, which would be gone with its power.
    host.virsh('undefine', 'uefi-tpm-plain', '--keep-nvram');
    await project.expectDone(project.sandform('reap', 'uefi-tpm/plain'));
    expect(kept()).toHaveLength(4);
    await project.destroyed('uefi-tpm');
    expect(kept()).toEqual([]);
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
