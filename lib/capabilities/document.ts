import { CAPABILITIES, type Capability, type CapabilityKind } from './capabilities';

const KINDS: Readonly<Record<CapabilityKind, string>> = { lifecycle: 'lifecycle', hook: 'hooks', channel: 'ways in', declaration: 'declarations' };

/** The capability table of the README. */
export function capabilitiesTable(): string {
  const cell = (offer: true | string) => (offer === true ? 'yes' : `no: ${offer}`);
  const rows = Object.entries(CAPABILITIES).map(([name, { kind, what, offers, isDeclarable }]: [string, Capability]) => `| ${KINDS[kind]} | \`${name}\` | ${what} | ${cell(offers.qemu)} | ${cell(offers.lxc)} | ${cell(offers.vbox)} | ${isDeclarable ? 'as declared' : 'no'} |`);
  return ['| for | name | what | QEMU | LXC | VirtualBox | others |', '|---|---|---|---|---|---|---|', ...rows].join('\n');
}
