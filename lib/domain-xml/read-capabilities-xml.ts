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
