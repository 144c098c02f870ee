import { Construct } from 'constructs';
import {
  type Accelerator,
  type Conduct,
  type DomainPart,
  type DurationText,
  type HookDeclaration,
  type ImageReference,
  type PowerPolicy,
  SCHEMA_VERSION,
  type SandboxOwnership,
  type SandboxSpec,
  type SizeText,
  type XmlOverride,
  canonicalJson,
  digestOf,
  eui64Address,
  filterName,
  formatAddress,
  isName,
  nameOnHost,
} from '../lib';
import { acceleratorOf } from './accelerator';
import { attachmentsOfSandbox, networkHosts } from './address-allocation';
import { type CloudInit, seedDocuments } from './cloud-init';
import { type AddedHook, declaredConduct } from './conduct';
import { constant } from './constant';
import { type DiskProps, ROOT_DISK } from './disk';
import { declaredDomain } from './domain-declaration';
import { type EgressProp, type EgressRule, declaredEgress } from './egress';
import type { Guest } from './guest';
import type { HardwareProfile } from './hardware-profile';
import type { AddHookOptions } from './hook-reference';
import { Labels } from './labels';
import { Mistakes } from './mistakes';
import type { MountProps } from './mount';
import { once } from './pass';
import type { AccompaniedSandbox } from './provider/companion';
import type { ProvidedDomain } from './provider/provider-generation';
import { type ISandboxNetwork, SandboxNetwork } from './sandbox-network';
import { declareSandbox } from './sandbox-resources';
import { checkSandbox } from './sandbox-rules';
import { firmwareNeeds } from './firmware-needs';
import { StackContext } from './stack-context';

export interface SandboxProps {
  /** The operating system inside. */
  readonly guest: Guest;
  /** Whole mebibytes. @default what the guest needs */
  readonly memory?: SizeText;
  /** @default what the guest needs */
  readonly vcpus?: number;
  /** Size of the root disk, at least that of the guest's image. @default that of the guest's image */
  readonly rootSize?: SizeText;
  /** Disks beside the root disk. @default none */
  readonly disks?: readonly DiskProps[];
  /** Folders of the host that a container sees. @default none */
  readonly mounts?: readonly MountProps[];
  /** A NIC on each. @default none: no network at all */
  readonly networks?: readonly ISandboxNetwork[];
  /** What it may reach beyond itself; see {@link EgressRule}. Changes in place. @default nothing but the network's DHCP server */
  readonly egress?: EgressProp;
  /** Documents for a guest that runs cloud-init. @default none */
  readonly cloudInit?: CloudInit;
  /** Whether there is a display that pictures can be taken of. @default true, of a container false */
  readonly display?: boolean;
  /** `tcg` is emulation, which is no security boundary. @default context `sandform:accelerator`, else SANDFORM_ACCELERATOR, else 'kvm' */
  readonly accelerator?: Accelerator;
  /** Machine type of QEMU. @default the guest's, else 'q35', on 64-bit Arm 'virt' */
  readonly machine?: string;
  /** What it says that it is, for software that looks for virtual machines. @default what QEMU says */
  readonly hardware?: HardwareProfile;
  /** Beside those of the scopes around it; see {@link Labels}. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Who answers for it. @default the stack's */
  readonly owner?: string;
  /** How long after its birth the reaper may take it. @default the stack's, else it lives until it is destroyed */
  readonly ttl?: DurationText;
  /** `managed`: off until a run powers it on. @default 'on' */
  readonly power?: PowerPolicy;
  /** Added as by {@link Sandbox.addHook}. @default none */
  readonly hooks?: readonly HookDeclaration[];
  /** Raw changes of the domain XML, applied last. @default none */
  readonly xmlOverrides?: readonly XmlOverride[];
  /** Raw changes of the domain's Terraform resource, by path as addOverride takes it. @default none */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * One domain with its disks, NICs, hooks and labels.
 *
 * What it is made of can't change while it lives: a change plans another sandbox in its place, with fresh disks. Hooks,
 * labels, owner, TTL and power policy change in place, and its guest never notices.
 */
export class Sandbox extends Construct {
  /** Its name within the stack. */
  readonly sandboxName: string;
  /** libvirt's name of its domain. */
  readonly domainName: string;
  /** What the command line and connect() call it: `STACK/SANDBOX`. */
  readonly address: string;
  readonly guest: Guest;
  /** A NIC on each. */
  readonly networks: readonly ISandboxNetwork[];
  /** @internal First half of its MAC addresses, where they are not QEMU's. */
  readonly macPrefix: string | undefined;

  private readonly context: StackContext;
  private readonly hooks: AddedHook[] = [];
  private readonly egressRules: EgressRule[] = [];
  private readonly domain: Pick<ProvidedDomain, 'uuid'>;
  private readonly declaredPart = constant(() => declaredDomain(this.props, { name: this.domainName, app: this.context.app, accelerator: acceleratorOf(this, this.props.accelerator), attachments: attachmentsOfSandbox(this) }, Mistakes.of(this)));

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SandboxProps,
  ) {
    super(scope, id);
    this.context = StackContext.of(this);
    const stack = this.context.stack.node.id;
    this.sandboxName = this.context.nameOf(this);
    this.domainName = nameOnHost(stack, this.sandboxName);
    this.address = formatAddress({ stack, sandbox: this.sandboxName });
    this.guest = props.guest;
    this.networks = props.networks ?? [];
    this.macPrefix = props.hardware?.macPrefix;
    for (const [key, value] of Object.entries(props.labels ?? {})) Labels.of(this).add(key, value);
    for (const hook of props.hooks ?? []) this.addHook(hook);
    checkSandbox(this, props, this.hooks, Mistakes.of(this));
    this.domain = this.declare();
    this.context.sandboxes.push(this);
  }

  /** Adds a hook, which runs whenever the sandbox is observed. */
  addHook(hook: HookDeclaration, options: AddHookOptions = {}): this {
    this.hooks.push({ hook, options });
    return this;
  }

  /** Adds a rule to its egress: also one that names a sandbox which is declared later. */
  allowEgress(rule: EgressRule): this {
    this.egressRules.push(rule);
    return this;
  }

  /** What it may reach: as declared, and what was added. */
  get egress(): EgressProp {
    const { egress = [] } = this.props;
    return Array.isArray(egress) ? [...(egress as readonly EgressRule[]), ...this.egressRules] : egress;
  }

  /** Its IPv4 address on a network of the stack, once all sandboxes are declared; undefined where others give addresses. */
  addressOn(network: ISandboxNetwork): string | undefined {
    return attachmentsOfSandbox(this).find((attachment) => attachment.network === network)?.address;
  }

  /** The IPv6 address that it gives itself on a network of the stack; undefined where that has none. */
  address6On(network: ISandboxNetwork): string | undefined {
    const mac = attachmentsOfSandbox(this).find((attachment) => attachment.network === network)?.mac;
    return network instanceof SandboxNetwork && network.network6 !== undefined && mac !== undefined ? eui64Address(network.network6, mac) : undefined;
  }

  /**
   * Its complete description, as far as it is known before deployment. Reads the guest's files.
   * @throws SandformError what is wrong with it
   */
  get spec(): SandboxSpec {
    return { identity: this.identity, domain: this.domainPart, conduct: this.conduct };
  }

  /** @internal What it is made of. Asked for many times in a synth, in which nothing of it changes. */
  get domainPart(): DomainPart {
    return this.declaredPart();
  }

  /** @internal */
  get conduct(): Conduct {
    return once(this, 'conduct', () => {
      const { owner = this.context.settings.owner, ttl, power } = this.props;
      const egress = declaredEgress(this, this.egress);
      return declaredConduct({ labels: Labels.of(this).effective, owner, ttl, defaultTtl: this.context.ttl, power, hooks: this.hooks, egress }, Mistakes.of(this));
    });
  }

  /** @internal Images that must be on the host before it is. */
  get images(): ImageReference[] {
    const { disks, kernelBoot, cdroms = [] } = this.domainPart;
    return [...disks.map(({ image }) => image), ...cdroms, kernelBoot?.kernel, kernelBoot?.initrd].filter((image) => image !== undefined);
  }

  /** @internal What the companion must know of it. */
  get companionFacts(): AccompaniedSandbox {
    const { hypervisor } = this.guest;
    const { other } = this.domainPart;
    // On networks of their own hypervisors nothing is kept for them.
    const attachments = hypervisor === 'vbox' || hypervisor === 'other' ? [] : attachmentsOfSandbox(this);
    const nics = attachments.filter(({ network }) => !(network instanceof SandboxNetwork && network.isUserMode)).map(({ nic, network, mac }) => ({ network: network.networkName, mac, filter: filterName(this.domainName, nic), ...networkHosts(network).get(mac) }));
    const made = hypervisor === 'qemu' ? undefined : { identity: this.identity, domain: this.domainPart, running: this.conduct.power === 'on' };
    return { owner: this.ownership, domain: this.domainName, driver: { hypervisor, uri: other?.uri }, nics, needs: firmwareNeeds(this.domainPart), conduct: this.conduct, uuid: this.domain.uuid(), made };
  }

  /** @internal Of what it is made of: where this changes it is made anew. */
  get content(): string {
    return canonicalJson([this.identity.digest, this.props.overrides ?? {}]);
  }

  private get ownership(): SandboxOwnership {
    return { app: this.context.app, stack: this.context.stack.node.id, sandbox: this.sandboxName };
  }

  private get identity(): SandboxSpec['identity'] {
    return once(this, 'identity', () => ({ schemaVersion: SCHEMA_VERSION, ...this.ownership, digest: digestOf(this.domainPart) }));
  }

  private declare(): Pick<ProvidedDomain, 'uuid'> {
    const { networks = [], cloudInit, disks = [], overrides = {}, power = 'on' } = this.props;
    const ours = networks.flatMap((network) => (network instanceof SandboxNetwork && StackContext.of(network) === this.context ? [network] : []));
    return declareSandbox(this, this.context, {
      domainName: this.domainName,
      hypervisor: this.guest.hypervisor,
      running: power === 'on',
      // Names that can't be used are mistakes, which are told at synth.
      extraDisks: [...new Set(disks.map(({ name }) => name))].filter((name) => isName(name) && name !== ROOT_DISK),
      seed: seedDocuments(this.guest, cloudInit, this.domainName),
      networks: ours.map(({ provided, traits }) => ({ provided, traits })),
      overrides,
      domain: () => this.domainPart,
      identity: () => this.identity,
    });
  }
}
