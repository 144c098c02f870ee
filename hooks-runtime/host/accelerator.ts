import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../lib';
import { bootId } from '../processes';
import { findProgram, runProgram } from './program';

export interface AccelerationFinding {
  readonly works: boolean;
  /** Why, for people. */
  readonly reason: string;
}

const DEVICE = '/dev/kvm';
const QEMU = 'qemu-system-x86_64';
/** A processor with virtualization runs the probe in a tenth of this; a device that merely emulates one does not. */
const PROBE_MS = 2000;

/**
 * Whether KVM really works here, which neither its device nor libvirt's capabilities tell: some clouds offer a /dev/kvm on
 * which ordinary kernels hang. The probe runs ten instructions in a virtual machine; its outcome is kept until the next boot.
 * @param options `asThisUser`: guests run as this user, so that what other users may do is no help. @default false
 */
export async function hardwareAccelerationWorks({ asThisUser = false }: { readonly asThisUser?: boolean } = {}): Promise<AccelerationFinding> {
  if (!existsSync(DEVICE)) return { works: false, reason: `there is no ${DEVICE}` };
  if (process.arch === 'x64' && !processorVirtualizes()) return { works: false, reason: `${DEVICE} is there, but the processor shows neither vmx nor svm` };
  if (!mayOpen(DEVICE) && asThisUser) return { works: false, reason: `${DEVICE} is there, but this user may not open it (\`sudo usermod -aG kvm $USER\`, then log in again)` };
  if (!mayOpen(DEVICE)) return { works: true, reason: `${DEVICE} is there; this user may not try it, but libvirt's may` };
  if (process.arch !== 'x64' || findProgram(QEMU) === undefined) return { works: true, reason: `${DEVICE} is there; not tried, for lack of ${QEMU}` };
  return keptFinding() ?? keep(await probe());
}

function processorVirtualizes(): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return flags.includes('vmx') || flags.includes('svm');
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A boot sector that writes 0x10 to QEMU's isa-debug-exit port 0xf4, upon which QEMU ends with (0x10 << 1) | 1:
 * cli; mov al, 0x10; out 0xf4, al; 1: hlt; jmp 1b
 */
const BOOT_SECTOR = Buffer.alloc(512);
BOOT_SECTOR.set([0xfa, 0xb0, 0x10, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd]);
BOOT_SECTOR.writeUInt16LE(0xaa55, 510);
const GUEST_ANSWERED = 33;

async function probe(): Promise<AccelerationFinding> {
  const folder = mkdtempSync(join(tmpdir(), 'sandform-kvm-'));
  try {
    const disk = join(folder, 'boot.raw');
    writeFileSync(disk, BOOT_SECTOR);
    const machine = ['-accel', 'kvm', '-machine', 'pc', '-m', '16', '-display', 'none', '-nodefaults', '-no-user-config'];
    const devices = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=1', '-drive', `file=${disk},format=raw,if=ide,readonly=off`];
    const { code, stderr } = await runProgram(QEMU, [...machine, ...devices], { timeoutMs: PROBE_MS });
    if (code === GUEST_ANSWERED) return { works: true, reason: 'a virtual machine ran under KVM' };
    return { works: false, reason: `a virtual machine did not run under KVM within ${PROBE_MS / 1000} s: ${stderr.trim().split('\n').at(-1) ?? ''}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const keptIn = (): string => join(cacheFolder(process.env), `kvm-${bootId()}.json`);

function keptFinding(): AccelerationFinding | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(keptIn(), 'utf8'));
    if (typeof kept === 'object' && kept !== null && 'works' in kept && 'reason' in kept) return { works: kept.works === true, reason: String(kept.reason) };
    return undefined;
  } catch {
    return undefined;
  }
}

function keep(finding: AccelerationFinding): AccelerationFinding {
  mkdirSync(cacheFolder(process.env), { recursive: true });
  writeFileSync(`${keptIn()}.new`, JSON.stringify(finding));
  renameSync(`${keptIn()}.new`, keptIn());
  return finding;
}
