import { createHash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { type NetworkHost, macAddress } from '../lib';
import type { Sandbox } from './sandbox';
import { once } from './pass';
import { type ISandboxNetwork, SandboxNetwork } from './sandbox-network';
import { StackContext } from './stack-context';

/** One NIC of a sandbox on its network. */
export interface Attachment {
  readonly sandbox: Sandbox;
  /** Of the sandbox, counted from 0. */
  readonly nic: number;
  readonly network: ISandboxNetwork;
  readonly mac: string;
  /** IPv4 address that the network keeps for it; undefined where the network is not ours, or is full. */
  readonly address: string | undefined;
}

/**
 * Every NIC of an app with its address, the same in every synth: its place on the network follows from its MAC address; where
 * that is taken, the next free one.
 */
export function attachmentsOf(app: IConstruct): readonly Attachment[] {
  return once(app, 'attachments', () => knownAttachments(app));
}

function knownAttachments(app: IConstruct): readonly Attachment[] {
  const sandboxes = StackContext.sandboxesOf(app);
  const key = `${sandboxes.length} ${StackContext.networksOf(app).length}`;
  const known = results.get(app);
  if (known?.key === key) return known.attachments;
  const taken = new Map<ISandboxNetwork, Set<number>>();
  const attachments = sandboxes.flatMap((sandbox) =>
    sandbox.networks.map((network, nic): Attachment => {
      const mac = macAddress(StackContext.of(sandbox).app, sandbox.domainName, nic, sandbox.macPrefix);
      return { sandbox, nic, network, mac, address: addressOn(network, mac, taken) };
    }),
  );
  results.set(app, { key, attachments });
  return attachments;
}

/** The NICs of one sandbox, in their order. */
export function attachmentsOfSandbox(sandbox: Sandbox): readonly Attachment[] {
  const app = sandbox.node.root;
  const all = attachmentsOf(app);
  const bySandbox = indexes.get(all) ?? Map.groupBy(all, (attachment) => attachment.sandbox);
  indexes.set(all, bySandbox);
  return bySandbox.get(sandbox) ?? [];
}

/** The NICs that a network keeps addresses for, by their MAC address. */
export function networkHosts(network: ISandboxNetwork): ReadonlyMap<string, NetworkHost> {
  const all = attachmentsOf(network.node.root);
  const known = hosts.get(all) ?? hostsOf(all);
  hosts.set(all, known);
  return known.get(network) ?? new Map<string, NetworkHost>();
}

/** Sandboxes and networks are only ever added to an app, so a result holds until there is one more. */
const results = new WeakMap<IConstruct, { readonly key: string; readonly attachments: readonly Attachment[] }>();
const indexes = new WeakMap<readonly Attachment[], Map<Sandbox, Attachment[]>>();

const hosts = new WeakMap<readonly Attachment[], ReadonlyMap<ISandboxNetwork, ReadonlyMap<string, NetworkHost>>>();

function hostsOf(attachments: readonly Attachment[]): ReadonlyMap<ISandboxNetwork, ReadonlyMap<string, NetworkHost>> {
  const found = new Map<ISandboxNetwork, Map<string, NetworkHost>>();
  const named = new Map<ISandboxNetwork, Set<string>>();
  for (const { sandbox, network, mac, address } of attachments) {
    if (address === undefined) continue;
    const isOwn = StackContext.of(sandbox) === StackContext.of(network);
    const name = isOwn ? sandbox.sandboxName : sandbox.domainName;
    // A name belongs to one NIC.
    const names = named.get(network) ?? new Set();
    named.set(network, names);
    const host: NetworkHost = { mac, address, ...(names.has(name) ? {} : { name }) };
    names.add(name);
    found.set(network, (found.get(network) ?? new Map<string, NetworkHost>()).set(mac, host));
  }
  return found;
}

/** The first place is the host's, the last one means everybody. */
const FIRST_PLACE = 2;

function addressOn(network: ISandboxNetwork, mac: string, taken: Map<ISandboxNetwork, Set<number>>): string | undefined {
  const subnet = network instanceof SandboxNetwork ? network.range : undefined;
  if (subnet === undefined) return undefined;
  const places = taken.get(network) ?? new Set();
  taken.set(network, places);
  const count = subnet.size - 1 - FIRST_PLACE;
  const first = createHash('sha256').update(mac).digest().readUInt32BE() % count;
  for (let step = 0; step < count; step++) {
    const place = FIRST_PLACE + ((first + step) % count);
    if (places.has(place)) continue;
    places.add(place);
    return subnet.addressAt(place);
  }
  return undefined;
}
