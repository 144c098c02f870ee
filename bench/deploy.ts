import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, seconds } from './measurement';

interface Case {
  /** In bench/app/main.ts. */
  readonly stack: string;
  readonly what: string;
  readonly rounds: number;
  readonly aim?: string;
}

const CASES: readonly Case[] = [
  { stack: 'bench-off', what: '1 sandbox, switched off', rounds: 5, aim: 'at most 3 s more' },
  { stack: 'bench-1', what: '1 sandbox', rounds: 5 },
  { stack: 'bench-5', what: '5 sandboxes', rounds: 3 },
  { stack: 'bench-20', what: '20 sandboxes', rounds: 3 },
];

/**
 * `cdktf deploy` and `destroy` of sandboxes on a network, against `terraform apply` and `destroy` of the same resources written
 * by hand: overlays, network and domains over a base image that is in the pool already. All folders were initialized before.
 */
export async function deploy(host: BenchHost): Promise<Measurement[]> {
  const found: Measurement[] = [];
  for (const one of CASES) found.push(...(await deployOf(host, one)));
  return found;
}

async function deployOf(host: BenchHost, { stack, what, rounds, aim }: Case): Promise<Measurement[]> {
  await host.deploy(stack);
  const byHand = join(host.folder, `by-hand-${stack}`);
  mkdirSync(byHand);
  writeFileSync(join(byHand, 'main.tf.json'), JSON.stringify(handWritten(host, stack)));
  await host.destroy(stack);
  await host.run('terraform', ['init', '-input=false'], byHand);
  const terraform = (verb: string) => (): Promise<string> => host.run('terraform', [verb, '-auto-approve', '-input=false'], byHand);
  const destroyed = { ours: [] as number[], peer: [] as number[] };
  const deployed = await inTurns(
    rounds,
    async () => {
      const taken = await seconds(() => host.deploy(stack));
      destroyed.ours.push(await seconds(() => host.destroy(stack)));
      return taken;
    },
    async () => {
      const taken = await seconds(terraform('apply'));
      destroyed.peer.push(await seconds(terraform('destroy')));
      return taken;
    },
  );
  const peer = 'terraform by hand';
  return [
    { what: `deploy of ${what}`, unit: 's', ours: deployed.ours, peer: { name: peer, values: deployed.peer }, ...(aim === undefined ? {} : { aim }) },
    { what: `destroy of ${what}`, unit: 's', ours: destroyed.ours, peer: { name: peer, values: destroyed.peer } },
  ];
}

/** The same resources as somebody would write them: no companion, no description in metadata. */
function handWritten(host: BenchHost, stack: string): object {
  const { resource } = JSON.parse(readFileSync(join(host.folder, 'cdktf.out', 'stacks', stack, 'cdk.tf.json'), 'utf8')) as Plan;
  const root = Object.values(resource.libvirt_volume).find(({ base_volume_name: base }) => base !== undefined);
  const [network] = Object.values(resource.libvirt_network);
  const domains = Object.values(resource.libvirt_domain);
  return {
    terraform: { required_providers: { libvirt: { source: 'dmacvicar/libvirt', version: '0.8.3' } } },
    provider: { libvirt: { uri: host.instance.uri } },
    resource: {
      libvirt_network: { net: { name: 'by-hand', mode: 'none', addresses: network?.addresses } },
      libvirt_volume: Object.fromEntries(
        domains.map((_, index) => [
          `root-${index}`,
          { name: `by-hand-${index}.qcow2`, pool: 'sandform', base_volume_name: root?.base_volume_name, base_volume_pool: 'sandform', format: 'qcow2', size: root?.size },
        ]),
      ),
      libvirt_domain: Object.fromEntries(domains.map((domain, index) => [`guest-${index}`, handWrittenDomain(host, domain, index)])),
    },
  };
}

function handWrittenDomain(host: BenchHost, { type, memory, running, xml }: PlannedDomain, index: number): object {
  const image = (element: string): string => `${host.instance.poolPath}/${new RegExp(`/(base\\.[0-9a-f]{64})</${element}>`).exec(xml.xslt)?.[1] ?? ''}`;
  const words = (/<cmdline>(.*)<\/cmdline>/.exec(xml.xslt)?.[1] ?? '').split(' ').map((word) => word.split('='));
  return {
    name: `by-hand-${index}`,
    type,
    memory,
    vcpu: 1,
    running,
    kernel: image('kernel'),
    initrd: image('initrd'),
    // The provider writes a list of maps one after the other, and what is in `_` without a key.
    cmdline: words.map(([key = '', value]) => (value === undefined ? { _: key } : { [key]: value })),
    disk: [{ volume_id: `\${libvirt_volume.root-${index}.id}` }],
    network_interface: [{ network_id: '${libvirt_network.net.id}' }],
    graphics: { type: 'vnc', listen_type: 'address' },
  };
}

interface PlannedDomain {
  readonly type: string;
  readonly memory: number;
  readonly running: boolean;
  readonly xml: { readonly xslt: string };
}

interface Plan {
  readonly resource: {
    readonly libvirt_volume: Readonly<Record<string, { readonly base_volume_name?: string; readonly size?: number }>>;
    readonly libvirt_network: Readonly<Record<string, { readonly addresses: readonly string[] }>>;
    readonly libvirt_domain: Readonly<Record<string, PlannedDomain>>;
  };
}
