import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { Guest, HardwareProfile, type HardwareProps, Image, PROVIDERS, Sandbox, SandboxNetwork, type SandboxProps, SandboxStack } from '../../index';
import { isoImage } from '../../lib/discs';
import { LIBVIRT_0_9 } from '../../constructs/provider/libvirt-0.9';
import { windowsAnswers } from '../../constructs/windows-answers';
import { type DomainPart, SandformError } from '../../lib';
import { childOf, childrenOf, parseXml, textOf } from '../../lib/domain-xml';
import { secureDomain, windowsDomain } from '../unit/domain-xml/sample-domains';
import { type Plan, companionCall, qcow2, resources, workbench } from './synthesized';

const bench = workbench();
const project = join(__dirname, '../..');
const image = () => Image.fromPath(bench.file('disk.qcow2', qcow2()));
const disc = (name: string) => Image.fromPath(bench.file(name, Buffer.alloc(4096, name)), { format: 'raw' });

function lab(props: Partial<SandboxProps> = {}, provider: (typeof PROVIDERS)[number] = '0.8'): { domain: DomainPart; plan: Plan; sandbox: Sandbox } {
  let sandbox: Sandbox | undefined;
  const plans = bench.synth((app: App) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests', provider });
    sandbox = new Sandbox(stack, 'one', { guest: Guest.micro(), networks: [new SandboxNetwork(stack, 'net')], accelerator: 'tcg', ...props });
  });
  return { domain: sandbox!.domainPart, plan: plans['lab']!, sandbox: sandbox! };
}

/** The codes and properties of all that is wrong. */
function wrong(props: Partial<SandboxProps>): string[] {
  try {
    lab(props);
    return [];
  } catch (error) {
    if (!SandformError.is(error)) throw error;
    return error.errors.map(({ code, doing }) => `${code} ${doing}`);
  }
}

const PROFILES: readonly [string, () => Guest, Partial<DomainPart>][] = [
  ['micro', () => Guest.micro({ firmware: 'uefi', tpm: true }), { firmware: 'uefi', tpm: true, guest: { name: 'micro', agent: true, execPort: 'org.sandform.exec.0', user: 'root' } }],
  ['debian12', () => Guest.debian12({ firmware: 'uefi-secure', tpm: true }), { firmware: 'uefi-secure', tpm: true, memory: 512 * 2 ** 20 }],
  ['ubuntu', () => Guest.ubuntu(image(), { firmware: 'uefi' }), { firmware: 'uefi', memory: 2 ** 30, guest: { name: 'ubuntu', agent: false, execPort: 'org.sandform.seed.0', user: 'root' }, cloudInit: { digest: expect.any(String) as string } }],
  ['alpine', () => Guest.alpine(image()), { memory: 256 * 2 ** 20, guest: { name: 'alpine', agent: false, execPort: 'org.sandform.seed.0', user: 'root' }, cloudInit: { digest: expect.any(String) as string } }],
  ['windows10', () => Guest.windows10(image()), { windows: true, vcpus: 2, memory: 2 ** 32, disks: [expect.objectContaining({ bus: 'sata', size: 2 ** 28 }) as never], cdroms: [expect.anything() as never] }],
  ['windows11', () => Guest.windows11(disc('setup.iso'), { install: '64GiB', drivers: disc('virtio-win.iso') }), { windows: true, firmware: 'uefi-secure', tpm: true, disks: [{ name: 'root', size: 2 ** 36, bus: 'sata' }], cdroms: [expect.anything() as never, expect.anything() as never, expect.anything() as never], nics: [expect.objectContaining({ model: 'e1000e' }) as never] }],
  ['an image', () => Guest.fromImage(image(), { firmware: 'uefi', tpm: true, machine: 'pc-q35-7.2', diskBus: 'scsi', nicModel: 'e1000', vcpus: 3 }), { firmware: 'uefi', tpm: true, machine: 'pc-q35-7.2', vcpus: 3, disks: [expect.objectContaining({ bus: 'scsi' }) as never], nics: [expect.objectContaining({ model: 'e1000' }) as never] }],
];

describe('a guest profile', () => {
  it.each(PROFILES)('%s gives its sandbox the machine that it needs, on either provider', (_name, guest, expected) => {
    for (const provider of PROVIDERS) expect(lab({ guest: guest() }, provider).domain).toMatchObject(expected);
  });

  it('has the companion look for what not every host offers, and for nothing else', () => {
    const needs = (guest: Guest) => companionCall(lab({ guest }).plan, 'before', 'host/0').find(({ action }) => action === 'domain')!['needs'] as unknown;
    expect(needs(Guest.micro({ firmware: 'uefi', tpm: true }))).toEqual({ type: 'qemu', arch: 'x86_64', machine: 'q35', firmware: 'uefi', tpm: true });
    expect(needs(Guest.micro())).toBeUndefined();
  });

  it('sends its CDs to the host like any image', () => {
    const { plan, domain } = lab({ guest: Guest.windows10(image(), { drivers: disc('virtio-win.iso') }) });
    const sent = companionCall(plan, 'before', 'host/0').filter(({ action }) => action === 'image').map((input) => input['image'].digest as string);
    expect(sent).toEqual(expect.arrayContaining(domain.cdroms!.map(({ digest }) => digest)));
  });

  it('refuses firmware that could not do its work', () => {
    expect(wrong({ guest: Guest.micro({ firmware: 'uefi-secure' }) })).toEqual(['PROP_INVALID lab/one: guest']);
    expect(wrong({ guest: Guest.micro({ firmware: 'uefi' }), memory: '128MiB' })).toEqual(['PROP_INVALID lab/one: memory']);
    expect(wrong({ guest: Guest.debian12({ firmware: 'uefi-secure' }), machine: 'pc' })).toEqual(['PROP_INVALID lab/one: machine']);
  });

  it('has a place in provider 0.9 for all that it asks for', () => {
    expect([secureDomain, { ...secureDomain, accelerator: 'kvm' as const }, windowsDomain].flatMap((domain) => LIBVIRT_0_9.homelessXml(domain))).toEqual([]);
  });

  it('keeps what provider 0.9 is told of firmware, TPM and SMBIOS', () => {
    const { plan } = lab({ guest: Guest.debian12({ firmware: 'uefi-secure', tpm: true }), hardware: HardwareProfile.of({ system: { product: 'Rocket', serial: 'S1' } }) }, '0.9');
    expect(resources(plan, 'libvirt_domain')['one/domain']).toMatchObject({
      os: { firmware: 'efi', firmware_info: { features: [{ enabled: 'yes', name: 'secure-boot' }, { enabled: 'yes', name: 'enrolled-keys' }] }, sm_bios: { mode: 'sysinfo' } },
      sys_info: [{ smbios: { system: { entry: [{ name: 'serial', value: 'S1' }, { name: 'product', value: 'Rocket' }] } } }],
      features: { smm: { state: 'on' } },
      devices: { tpms: [{ model: 'tpm-crb', backend: { emulator: { version: '2.0' } } }] },
    });
  });
});

describe('the first boot of a cloud image', () => {
  const userData = (props: Partial<SandboxProps>) => resources(lab(props).plan, 'terraform_data')['one/seed-documents']!['input'].call[0].documents.userData as string;

  it('brings the guest program in by a script that any POSIX shell takes', () => {
    const hook = userData({ guest: Guest.alpine(image()) }).replaceAll('$${', '${');
    expect(hook).toMatch(/^#cloud-boothook\n#!\/bin\/sh\n/);
    expect(spawnSync('sh', ['-n'], { input: hook, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(hook).toContain('seed-exec org.sandform.seed.0');
  });

  it.each([
    ['a cloud-config', '#cloud-config\nhostname: x\n', 'Content-Type: text/plain; charset="utf-8"\n\n#cloud-config\nhostname: x\n'],
    ['a message of several parts', 'Content-Type: multipart/mixed; boundary="b"\n\n--b--\n', '\nContent-Type: multipart/mixed; boundary="b"\n\n--b--\n'],
  ])('goes with %s of the user', (_what, given, part) => {
    const text = userData({ guest: Guest.ubuntu(image()), cloudInit: { userData: given } });
    expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="sandform-[0-9a-f]{16}"\n/);
    expect(text).toContain(part);
    expect(text).toContain('#cloud-boothook');
  });
});

describe('answers to Windows set-up', () => {
  const passes = (xml: string) => childrenOf(parseXml(xml), 'settings');
  const component = (xml: string, pass: string, name: string) => childrenOf(passes(xml).find(({ attributes }) => attributes['pass'] === pass), 'component').find(({ attributes }) => attributes['name'] === name);

  it('lay out the disk for the firmware, and install onto its last partition', () => {
    const partition = (uefi: boolean) => {
      const setUp = component(windowsAnswers('windows11', {}, { uefi }), 'windowsPE', 'Microsoft-Windows-Setup');
      const disk = childOf(childOf(setUp, 'DiskConfiguration'), 'Disk');
      const types = childrenOf(childOf(disk, 'CreatePartitions'), 'CreatePartition').map((made) => textOf(childOf(made, 'Type')));
      return { types, target: textOf(childOf(childOf(childOf(childOf(setUp, 'ImageInstall'), 'OSImage'), 'InstallTo'), 'PartitionID')) };
    };
    expect(partition(true)).toEqual({ types: ['EFI', 'MSR', 'Primary'], target: '3' });
    expect(partition(false)).toEqual({ types: ['Primary', 'Primary'], target: '2' });
  });

  it('hold what was given, and are well-formed whatever that is', () => {
    const xml = windowsAnswers('windows10', { password: '<&"\'>', locale: 'de-DE', edition: 'Windows 10 Pro', productKey: 'AAAAA-BBBBB' }, { uefi: false });
    expect(spawnSync('xmllint', ['--noout', '-'], { input: xml, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(xml).toContain('Windows 10 Pro');
    const account = childOf(childOf(childOf(component(xml, 'oobeSystem', 'Microsoft-Windows-Shell-Setup'), 'UserAccounts'), 'LocalAccounts'), 'LocalAccount');
    expect(textOf(childOf(childOf(account, 'Password'), 'Value'))).toBe('<&"\'>');
    expect(xml).toContain('viostor\\w10\\amd64');
  });

  it('are those of the first start alone where Windows is there already', () => {
    expect(passes(windowsAnswers('windows11', {}, undefined)).map(({ attributes }) => attributes['pass'])).toEqual(['specialize', 'oobeSystem']);
  });

  it('lie on a CD that others read as well', () => {
    const content = 'answer '.repeat(1000);
    const file = bench.file('answers.iso', isoImage('ANSWERS', { 'AUTOUNATTEND.XML': Buffer.from(content) }));
    expect(execFileSync('isoinfo', ['-d', '-i', file], { encoding: 'utf8' })).toContain('Volume id: ANSWERS');
    expect(execFileSync('isoinfo', ['-i', file, '-x', '/AUTOUNATTEND.XML;1'], { encoding: 'utf8' })).toBe(content);
  });
});

describe('a hardware profile', () => {
  it('makes up serial numbers, the same in every synth and others for each sandbox', () => {
    const serials = (id: string) => {
      let sandbox: Sandbox | undefined;
      bench.synth((app) => (sandbox = new Sandbox(new SandboxStack(app, id, { app: 'tests' }), 'one', { guest: Guest.micro(), hardware: HardwareProfile.laptop() })));
      const { system, baseBoard, chassis, disk } = sandbox!.domainPart.hardware!;
      return [system?.serial, baseBoard?.serial, chassis?.serial, disk?.serial];
    };
    expect(serials('a')).toEqual(serials('a'));
    expect(new Set([...serials('a'), ...serials('b')]).size).toBe(6);
  });

  it('puts its prefix before MAC addresses', () => {
    const { domain } = lab({ hardware: HardwareProfile.laptop() });
    expect(domain.nics[0]!.mac).toMatch(/^98:fa:9b:/);
    expect(domain.hardware).not.toHaveProperty('macPrefix');
  });

  it('is one of several, each as libvirt takes it, and differs where it is told to', () => {
    for (const profile of [HardwareProfile.laptop(), HardwareProfile.desktop(), HardwareProfile.server()]) expect(lab({ hardware: profile }).domain.hardware).toMatchObject({ hypervisorHidden: true });
    const { system, bios } = lab({ hardware: HardwareProfile.desktop().with({ system: { product: 'Own' }, hypervisorHidden: false }) }).domain.hardware!;
    expect([system?.product, system?.manufacturer, bios?.vendor]).toEqual(['Own', 'Dell Inc.', 'Dell Inc.']);
  });

  it.each<[string, HardwareProps, string]>([
    ['text that is not printable', { system: { product: 'a\nb' } }, 'hardware.system.product'],
    ['text with a blank at its end', { bios: { vendor: 'Acme ' } }, 'hardware.bios.vendor'],
    ['text that is too long', { chassis: { version: 'x'.repeat(65) } }, 'hardware.chassis.version'],
    ['a date of its own fashion', { bios: { date: '2024-02-29' } }, 'hardware.bios.date'],
    ['a release that no byte holds', { bios: { release: '1.256' } }, 'hardware.bios.release'],
    ['a vendor that no disk has room for', { disk: { vendor: 'ninechars' } }, 'hardware.disk.vendor'],
    ['a MAC prefix of many machines', { macPrefix: '01:00:5e' }, 'hardware.macPrefix'],
    ['a MAC prefix in capitals', { macPrefix: '98:FA:9B' }, 'hardware.macPrefix'],
  ])('is refused with %s', (_what, props, property) => {
    expect(wrong({ hardware: HardwareProfile.of(props) })).toEqual([`PROP_INVALID lab/one: ${property}`]);
  });
});

describe('the examples of firmware and hardware', () => {
  it.each(['uefi-tpm', 'hardware-profile'])('%s synthesizes', (name) => {
    const outdir = join(bench.folder, name);
    execFileSync('node', ['--import', 'tsx', join(project, 'examples', name, 'main.ts')], { cwd: project, env: { ...process.env, CDKTF_OUTDIR: outdir }, stdio: 'pipe' });
    expect(execFileSync('ls', [join(outdir, 'stacks')], { encoding: 'utf8' }).trim()).toBe(name);
  });
});
