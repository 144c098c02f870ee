import { childOf, childrenOf, elementAt, parseXml, textOf } from './xml-element';

/** What keeps guests' processes from the host. */
export interface HostSecurity {
  /** Security models in force, e.g. `apparmor`, `dac`. */
  readonly models: readonly string[];
  /** User id that QEMU runs as; undefined where libvirt does not tell. */
  readonly qemuUser: string | undefined;
}

/** Reads it from libvirt's capabilities XML. */
export function readHostSecurity(capabilities: string): HostSecurity {
  const models = childrenOf(elementAt(parseXml(capabilities), 'host'), 'secmodel').map((model) => ({ name: textOf(childOf(model, 'model')), label: textOf(childOf(model, 'baselabel')) }));
  return {
    models: models.map(({ name }) => name).filter((name) => name !== '' && name !== 'none'),
    qemuUser: /^\+?(\d+)/.exec(models.find(({ name }) => name === 'dac')?.label ?? '')?.[1],
  };
}

/** What domains of a kind can have on a host. */
export interface DomainOffers {
  readonly uefi: boolean;
  readonly secureBoot: boolean;
  /** An emulated one. */
  readonly tpm: boolean;
}

/** Reads it from libvirt's domain capabilities XML. */
export function readDomainOffers(capabilities: string): DomainOffers {
  const root = parseXml(capabilities);
  const values = (place: readonly string[], name: string) => childrenOf(elementAt(root, ...place), 'enum').filter(({ attributes }) => attributes['name'] === name).flatMap((list) => childrenOf(list, 'value').map(textOf));
  const uefi = values(['os'], 'firmware').includes('efi');
  return { uefi, secureBoot: uefi && values(['os', 'loader'], 'secure').includes('yes'), tpm: values(['devices', 'tpm'], 'backendModel').includes('emulator') };
}
