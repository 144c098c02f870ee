import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, seconds } from './measurement';

const ROUNDS = 5;

/**
 * `cdktf deploy` of a sandbox with its network, switched off, against `terraform apply` of the same resources written by hand:
 * overlay, network and domain over a base image that is in the pool already. Both folders were initialized before.
 */
export async function deploy(host: BenchHost): Promise<Measurement[]> {
  await host.deploy('bench-off');
  const byHand = join(host.folder, 'by-hand');
  mkdirSync(byHand);
  writeFileSync(join(byHand, 'main.tf.json'), JSON.stringify(handWritten(host)));
  await host.destroy('bench-off');
  await host.run('terraform', ['init', '-input=false'], byHand);
  const apply = (): Promise<string> => host.run('terraform', ['apply', '-auto-approve', '-input=false'], byHand);
  const destroy = (): Promise<string> => host.run('terraform', ['destroy', '-auto-approve', '-input=false'], byHand);
  const destroyed = { ours: [] as number[], peer: [] as number[] };
  const found = await inTurns(
    ROUNDS,
    async () => {
      const taken = await seconds(() => host.deploy('bench-off'));
      destroyed.ours.push(await seconds(() => host.destroy('bench-off')));
      return taken;
    },
    async () => {
      const taken = await seconds(apply);
      destroyed.peer.push(await seconds(destroy));
      return taken;
    },
  );
  const peer = 'terraform by hand';
  return [
    { what: 'deploy, guest switched off', unit: 's', ours: found.ours, peer: { name: peer, values: found.peer }, aim: 'at most 3 s more' },
    { what: 'destroy, guest switched off', unit: 's', ours: destroyed.ours, peer: { name: peer, values: destroyed.peer } },
  ];
}

/** The same resources as somebody would write them: no companion, no description in metadata. */
function handWritten(host: BenchHost): object {
  const plan = JSON.parse(readFileSync(join(host.folder, 'cdktf.out', 'stacks', 'bench-off', 'cdk.tf.json'), 'utf8')) as Plan;
  const [root] = Object.values(plan.resource.libvirt_volume).filter(({ base_volume_name: base }) => base !== undefined);
  const [network] = Object.values(plan.resource.libvirt_network);
  const [domain] = Object.values(plan.resource.libvirt_domain);
  const image = (element: string): string => `${host.instance.poolPath}/${new RegExp(`/(base\\.[0-9a-f]{64})</${element}>`).exec(domain?.xml.xslt ?? '')?.[1] ?? ''}`;
  return {
    terraform: { required_providers: { libvirt: { source: 'dmacvicar/libvirt', version: '0.8.3' } } },
    provider: { libvirt: { uri: host.instance.uri } },
    resource: {
      libvirt_volume: { root: { name: 'by-hand.qcow2', pool: 'sandform', base_volume_name: root?.base_volume_name, base_volume_pool: 'sandform', format: 'qcow2', size: root?.size } },
      libvirt_network: { net: { name: 'by-hand', mode: 'none', addresses: network?.addresses } },
      libvirt_domain: {
        guest: {
          name: 'by-hand',
          type: domain?.type,
          memory: domain?.memory,
          vcpu: 1,
          running: false,
          kernel: image('kernel'),
          initrd: image('initrd'),
          disk: [{ volume_id: '${libvirt_volume.root.id}' }],
          network_interface: [{ network_id: '${libvirt_network.net.id}' }],
        },
      },
    },
  };
}

interface Plan {
  readonly resource: {
    readonly libvirt_volume: Readonly<Record<string, { readonly base_volume_name?: string; readonly size?: number }>>;
    readonly libvirt_network: Readonly<Record<string, { readonly addresses: readonly string[] }>>;
    readonly libvirt_domain: Readonly<Record<string, { readonly type: string; readonly memory: number; readonly xml: { readonly xslt: string } }>>;
  };
}
