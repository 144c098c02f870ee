import { Construct, type IConstruct } from 'constructs';
import { type Egress, type EgressRules, type PortRange, type Protocol, type SandformError, ipRange, rangeText } from '../lib';
import { attachmentsOfSandbox } from './address-allocation';
import type { Mistakes } from './mistakes';
import { once } from './pass';
import { Sandbox } from './sandbox';
import { type ISandboxNetwork, SandboxNetwork } from './sandbox-network';
import { StackContext } from './stack-context';

/** Something that a guest may reach, and get answers from. */
export interface EgressRule {
  /**
   * An address or range (`203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`), a domain name (`example.org`: the address that it has when
   * the rule is written), another sandbox, or all sandboxes of a network.
   */
  readonly to: string | Sandbox | ISandboxNetwork;
  /** @default 'tcp' where there are ports, else every protocol of IP */
  readonly protocol?: Protocol;
  /** e.g. `443`, `'8000-8080'`, `[80, 443]`. @default all */
  readonly ports?: number | string | readonly (number | string)[];
}

/** `open`: everything. Else nothing but DHCP and what the rules say. */
export type EgressProp = 'open' | readonly EgressRule[];

/**
 * The egress of a sandbox as the spec has it: its own rules, and the other side of those that name it.
 * Undefined where it has no NIC.
 */
export function declaredEgress(sandbox: Sandbox, prop: EgressProp): Egress | undefined {
  if (sandbox.networks.length === 0) return undefined;
  if (prop === 'open') return 'open';
  const rules = rulesOf(prop);
  const allow = rules.flatMap((rule) => peersOf(sandbox, rule.to).map((to) => ({ to, ...whatOf(rule) })));
  const admit = namers(sandbox).flatMap(({ from, rule }) => from.map((address) => ({ from: address, ...whatOf(rule) })));
  const asksForNames = rules.some(({ to }) => typeof to !== 'string' || ipRange(to) === undefined);
  return { allow, admit, dns: asksForNames } satisfies EgressRules;
}

/** What is wrong with the rules of a sandbox. */
export function egressMistakes(sandbox: Sandbox, prop: EgressProp, mistakes: Mistakes): SandformError[] {
  if (prop === 'open') return [];
  if (!Array.isArray(prop)) return [mistakes.mistake('PROP_INVALID', 'egress', { given: prop, expected: "'open' or a list of rules", fix: 'correct it' })];
  const rules = prop as readonly unknown[];
  const none = rules.length > 0 && sandbox.networks.length === 0 ? [mistakes.mistake('PROP_INVALID', 'egress', { given: 'rules for a sandbox without a network', expected: 'a sandbox on a network', fix: 'set networks, or leave egress out' })] : [];
  return [...none, ...rules.flatMap((rule, index) => ruleMistakes(sandbox, rule, `egress rule ${index + 1}`, mistakes))];
}

/** Those that can be read at all; what is wrong with the others is told by {@link egressMistakes}. */
function rulesOf(prop: EgressProp): readonly EgressRule[] {
  return Array.isArray(prop) ? (prop as readonly unknown[]).filter(isRule) : [];
}

function isRule(rule: unknown): rule is EgressRule {
  if (typeof rule !== 'object' || rule === null || !('to' in rule)) return false;
  return typeof rule.to === 'string' || rule.to instanceof Construct;
}

function ruleMistakes(sandbox: Sandbox, rule: unknown, property: string, mistakes: Mistakes): SandformError[] {
  const told = (given: unknown, expected: string, fix: string): SandformError => mistakes.mistake('PROP_INVALID', property, { given, expected, fix });
  if (!isRule(rule)) return [told(rule, 'a rule with `to`: an address, a range in CIDR form, a domain name, a sandbox or a network', 'correct it')];
  const { to, protocol, ports } = rule;
  return [
    ...(protocol === undefined || ['tcp', 'udp', 'icmp'].includes(protocol) ? [] : [told(protocol, "'tcp', 'udp' or 'icmp'", 'choose one of them')]),
    ...(ports !== undefined && protocol === 'icmp' ? [told('ports of ICMP', 'a protocol that has ports', 'leave the ports out')] : []),
    ...(portRanges(ports) === undefined ? [told(ports, "ports from 1 to 65535, or ranges such as '8000-8080'", 'correct them')] : []),
    ...(typeof to === 'string' ? nameMistakes(sandbox, to, told) : peerMistakes(sandbox, to, told)),
  ];
}

type Tell = (given: unknown, expected: string, fix: string) => SandformError;

function nameMistakes(sandbox: Sandbox, to: string, told: Tell): SandformError[] {
  if (ipRange(to) !== undefined) return [];
  if (!DOMAIN_NAME.test(to)) return [told(to, 'an address, a range in CIDR form, a domain name, a sandbox or a network', 'correct it')];
  const forwarding = sandbox.networks.find((network) => !(network instanceof SandboxNetwork) || network.dns !== 'local');
  return forwarding === undefined ? [] : [told(`the name '${to}' on ${forwarding.node.path}, whose name server is not of the network alone`, "a network of the stack with dns: 'local'", 'set that, or name addresses')];
}

function peerMistakes(sandbox: Sandbox, to: Sandbox | ISandboxNetwork, told: Tell): SandformError[] {
  if (to instanceof Sandbox && !to.networks.some((network) => sandbox.networks.includes(network))) {
    return [told(`${to.node.path}, which shares no network with it`, 'a sandbox on a network of its own', 'put both on one network')];
  }
  if (!(to instanceof Sandbox) && !sandbox.networks.includes(to)) return [told(`${to.node.path}, which it is not on`, 'a network of its own', 'put it on that network')];
  return peersOf(sandbox, to).length > 0 || to instanceof SandboxNetwork ? [] : [told(to.node.path, 'a peer on a network of this app, which gives addresses', 'name its address')];
}

const DOMAIN_NAME = /^(?=.{1,253}$)(?!.*\.\d+$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

function whatOf({ protocol, ports }: EgressRule): { protocol?: Protocol; ports?: PortRange[] } {
  const ranges = portRanges(ports) ?? [];
  return { ...(protocol === undefined ? {} : { protocol }), ...(ranges.length === 0 ? {} : { ports: ranges }) };
}

/** Undefined where they can't be read; none where all are meant. */
function portRanges(ports: EgressRule['ports']): PortRange[] | undefined {
  if (ports === undefined) return [];
  const list = Array.isArray(ports) ? (ports as readonly (number | string)[]) : [ports as number | string];
  const ranges = list.map((port): PortRange | undefined => {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(port)) ?? [];
    const range = { from: Number(from), to: Number(to) };
    return range.from >= 1 && range.from <= range.to && range.to <= 65535 ? range : undefined;
  });
  const read = ranges.filter((range) => range !== undefined);
  return read.length === ranges.length && ranges.length > 0 ? read : undefined;
}

/** Ranges, or a name, that a rule's peer stands for. */
function peersOf(sandbox: Sandbox, to: EgressRule['to']): string[] {
  if (typeof to === 'string') {
    const range = ipRange(to);
    return [range === undefined ? to.toLowerCase() : rangeText(range)];
  }
  if (to instanceof Sandbox) {
    return attachmentsOfSandbox(to).flatMap(({ network, address }) => (address !== undefined && sandbox.networks.includes(network) ? addressesOf(network, address, to) : []));
  }
  return to instanceof SandboxNetwork && to.range !== undefined ? [to.range.toString(), ...(to.network6 === undefined ? [] : [`${to.network6}/64`])] : [];
}

function addressesOf(network: ISandboxNetwork, address: string, sandbox: Sandbox): string[] {
  const address6 = network instanceof SandboxNetwork ? sandbox.address6On(network) : undefined;
  return [`${address}/32`, ...(address6 === undefined ? [] : [`${address6}/128`])];
}

/** Rules of other sandboxes that let those reach this one, with the addresses from which they do. */
function namers(sandbox: Sandbox): { from: string[]; rule: EgressRule }[] {
  const app = sandbox.node.root;
  const naming = once(app, 'rules that name a peer', () => rulesNamingPeers(app));
  return [sandbox, ...new Set(sandbox.networks)]
    .flatMap((peer) => naming.get(peer) ?? [])
    .filter(({ namer }) => namer !== sandbox)
    .sort((a, b) => a.place - b.place)
    .map(({ namer, rule }) => ({ from: peersOf(sandbox, namer), rule }));
}

/** A rule whose peer is declared in the app: whose it is, and its place among all of them. */
interface NamingRule {
  readonly namer: Sandbox;
  readonly rule: EgressRule;
  readonly place: number;
}

function rulesNamingPeers(app: IConstruct): ReadonlyMap<Sandbox | ISandboxNetwork, readonly NamingRule[]> {
  const naming = StackContext.sandboxesOf(app)
    .flatMap((namer) => rulesOf(namer.egress).flatMap(({ to, ...rule }) => (typeof to === 'string' ? [] : [{ namer, to, rule: { to, ...rule } }])))
    .map((rule, place) => ({ ...rule, place }));
  return Map.groupBy(naming, ({ to }) => to);
}
