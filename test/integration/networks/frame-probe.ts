import type { HostInstance } from '../../../hooks-runtime/host';
import { inside } from './inside';

const TABLE = 'sandform_probe';

/** How many frames of one guest did what, since the last reset. */
export interface FrameCounts {
  /** Left the guest. */
  readonly sent: number;
  /** Went on to the host itself. */
  readonly host: number;
  /** Went on to other guests. */
  readonly others: number;
  /** Of those that went on, asked for a DHCP lease. */
  readonly dhcp: number;
}

/** Counts the frames of one guest's NIC by the kernel's own hooks: where they come in, and behind all filters. */
export class FrameProbe {
  private constructor(readonly instance: HostInstance) {}

  /** @param tap the NIC's interface on the host */
  static async on(instance: HostInstance, tap: string): Promise<FrameProbe> {
    const probe = new FrameProbe(instance);
    const rules = [
      `add table netdev ${TABLE}`,
      `add counter netdev ${TABLE} sent`,
      `add chain netdev ${TABLE} in { type filter hook ingress device "${tap}" priority 0; }`,
      `add rule netdev ${TABLE} in counter name "sent"`,
      `add table bridge ${TABLE}`,
      ...['host', 'others', 'dhcp'].map((name) => `add counter bridge ${TABLE} ${name}`),
      `add chain bridge ${TABLE} in { type filter hook input priority 0; }`,
      `add chain bridge ${TABLE} on { type filter hook forward priority 0; }`,
      ...['in', 'on'].map((chain) => `add rule bridge ${TABLE} ${chain} iifname "${tap}" udp sport 68 udp dport 67 counter name "dhcp" accept`),
      `add rule bridge ${TABLE} in iifname "${tap}" counter name "host"`,
      `add rule bridge ${TABLE} on iifname "${tap}" counter name "others"`,
    ];
    await probe.nft(rules.join('; '));
    return probe;
  }

  async counts(): Promise<FrameCounts> {
    const { nftables } = JSON.parse(await this.nft('--json', 'list', 'counters')) as { nftables: { counter?: { table: string; name: string; packets: number } }[] };
    const of = (name: string) => nftables.find(({ counter }) => counter?.table === TABLE && counter.name === name)?.counter?.packets ?? NaN;
    return { sent: of('sent'), host: of('host'), others: of('others'), dhcp: of('dhcp') };
  }

  async reset(): Promise<void> {
    await this.nft('--json', 'reset', 'counters');
  }

  async remove(): Promise<void> {
    for (const family of ['netdev', 'bridge']) await this.nft('delete', 'table', family, TABLE);
  }

  private async nft(...words: readonly string[]): Promise<string> {
    return inside(this, 'nft', ...words);
  }
}
