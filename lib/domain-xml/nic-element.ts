import type { Nic } from '../spec';
import { type XmlElement, element } from './xml-element';

/** A NIC on a libvirt network. */
export function nicElement({ mac, network, model, filter }: Nic): XmlElement {
  return element(
    'interface',
    { type: 'network' },
    element('mac', { address: mac }),
    element('source', { network }),
    element('model', { type: model }),
    filter === undefined ? undefined : element('filterref', { filter }),
  );
}
