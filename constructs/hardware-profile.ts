import { createHash } from 'node:crypto';
import type { Hardware } from '../lib';
import { DESKTOP, LAPTOP, SERVER } from './hardware-profiles';

/** What a virtual machine says that it is. What is absent, QEMU says in its own words. */
export interface HardwareProps extends Hardware {
  /** First half of its MAC addresses, e.g. `3c:52:82`. @default '52:54:00', which is known to be QEMU's */
  readonly macPrefix?: string;
}

/** The first half of a MAC address of one machine, in lower case. */
const MAC_PREFIX = /^[0-9a-f][02468ace](:[0-9a-f]{2}){2}$/;

/**
 * The hardware that a guest believes to run on: for software that looks for virtual machines before it shows what it does. What it can't hide stands in
 * docs/guests.md.
 */
export class HardwareProfile {
  private constructor(private readonly props: HardwareProps) {}

  /** A business laptop. */
  static laptop(): HardwareProfile {
    return new HardwareProfile(LAPTOP);
  }

  /** An office desktop. */
  static desktop(): HardwareProfile {
    return new HardwareProfile(DESKTOP);
  }

  /** A rack server. */
  static server(): HardwareProfile {
    return new HardwareProfile(SERVER);
  }

  /** One of one's own. */
  static of(props: HardwareProps): HardwareProfile {
    return new HardwareProfile(props);
  }

  /** The same, but for what is given: each table's entries are put over those that are there. */
  with({ macPrefix = this.props.macPrefix, hypervisorHidden = this.props.hypervisorHidden, ...tables }: HardwareProps): HardwareProfile {
    const names = ['bios', 'system', 'baseBoard', 'chassis', 'disk', 'cpu'] as const;
    const merged = Object.fromEntries(names.flatMap((name) => (this.props[name] === undefined && tables[name] === undefined ? [] : [[name, { ...this.props[name], ...tables[name] }]]))) as Hardware;
    return new HardwareProfile({ ...merged, ...(macPrefix === undefined ? {} : { macPrefix }), ...(hypervisorHidden === undefined ? {} : { hypervisorHidden }) });
  }

  /** First half of its MAC addresses; undefined where it is QEMU's, or none that a NIC may have. */
  get macPrefix(): string | undefined {
    return this.macPrefixIsUsable ? this.props.macPrefix : undefined;
  }

  /** Whether the first half of MAC addresses that was given is one. */
  get macPrefixIsUsable(): boolean {
    return this.props.macPrefix === undefined || MAC_PREFIX.test(this.props.macPrefix);
  }

  /**
   * As the spec has it. Serial numbers that were not given are made up: the same in every synth, and another for each machine.
   * @param machine what tells this machine from all others
   */
  hardware(machine: string): Hardware {
    const { macPrefix: _, ...hardware } = this.props;
    const serial = (what: string, length: number) => madeUp(`${machine} ${what}`, length);
    const { system, baseBoard, chassis, disk } = hardware;
    return {
      ...hardware,
      ...(system === undefined ? {} : { system: { serial: serial('system', 8), ...system } }),
      ...(baseBoard === undefined ? {} : { baseBoard: { serial: serial('board', 12), ...baseBoard } }),
      ...(chassis === undefined ? {} : { chassis: { serial: serial('system', 8), ...chassis } }),
      ...(disk === undefined ? {} : { disk: { serial: serial('disk', 14), ...disk } }),
    };
  }
}

/** Letters and digits that no one confuses. */
const SERIAL_LETTERS = '0123456789ABCDEFGHJKLMNPRSTUVWXY';

function madeUp(seed: string, length: number): string {
  const bytes = createHash('sha256').update(seed).digest();
  return Array.from({ length }, (_, index) => SERIAL_LETTERS[(bytes[index] ?? 0) % SERIAL_LETTERS.length]).join('');
}
