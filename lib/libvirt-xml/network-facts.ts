import { Subnet } from '../network';
import { parseXml } from './parse-xml';

/** What matters of a network's description. */
export interface NetworkFacts {
  /** Its interface on the host, where it has one. */
  readonly bridge: string | undefined;
  /** The IPv4 ranges that it uses: its own and those it routes. */
  readonly subnets: readonly Subnet[];
}

/** Reads libvirt's description of a network. What it does not understand it leaves out. */
export function networkFactsOf(xml: string): NetworkFacts {
  const { root } = parseXml(xml) ?? {};
  const ranges = [...(root?.all('ip') ?? []), ...(root?.all('route') ?? [])];
  return {
    bridge: root?.first('bridge')?.attribute('name'),
    subnets: ranges.flatMap((range) => {
      const address = range.attribute('address') ?? '';
      const prefix = range.attribute('prefix') ?? prefixOf(range.attribute('netmask'));
      return Subnet.around(address, prefix === undefined ? 32 : Number(prefix)) ?? [];
    }),
  };
}

function prefixOf(netmask: string | undefined): number | undefined {
  if (netmask === undefined) return undefined;
  const bits = netmask.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  return bits.indexOf('0') === -1 ? 32 : bits.indexOf('0');
}
