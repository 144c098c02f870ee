import type { NetworkDeclaration } from './declaration';
import type { OwnNetwork } from './network-template';
import type { SeeReading } from './reading';

/** The networks of a template's NICs, of which the first is on the context's own where that has one. @param where how messages call the template */
export function sandboxNetworks(names: readonly string[], own: OwnNetwork | undefined, where: string, reading: SeeReading): NetworkDeclaration[] {
  const networks = names.map((name, index): NetworkDeclaration => (index === 0 && own !== undefined ? own : { existing: name }));
  for (const [index, network] of networks.entries()) {
    if ('existing' in network && !/^[A-Za-z0-9][A-Za-z0-9_-]{0,126}$/.test(network.existing)) {
      reading.mistake('SEE_INVALID', `${where}: devices/interface[${index + 1}]/source`, { given: network.existing === '' ? 'no network' : network.existing, expected: 'the name of an existing network, of letters, digits, `_` and `-`' });
    }
  }
  if (networks.length > 0) reading.note('attention', where, 'everything may pass its NICs, as in SEE; a stack can say what the sandbox may reach instead');
  return networks;
}
