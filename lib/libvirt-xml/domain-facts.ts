import { parseXml, type XmlElement } from './parse-xml';

/** What matters of a domain's description. */
export interface DomainFacts {
  /** `kvm`, `qemu`, `lxc`, `vbox`, ...: what really runs it. */
  readonly type: string | undefined;
  /** Files of the host that it uses: disks with what lies beneath them, kernel, initrd, firmware variables. */
  readonly files: readonly string[];
  /** Files of the host that its disks are at the moment. */
  readonly disks: readonly string[];
}

/** Reads libvirt's description of a domain. What it does not understand it leaves out. */
export function domainFactsOf(xml: string): DomainFacts {
  const { root } = parseXml(xml) ?? {};
  const disks = root?.all('devices', 'disk') ?? [];
  const boot = ['kernel', 'initrd', 'dtb', 'loader', 'nvram'].flatMap((name) => root?.all('os', name).map(({ text }) => text) ?? []);
  return {
    type: root?.attribute('type'),
    files: [...disks.flatMap(chainOf), ...boot].filter((file) => file !== ''),
    disks: disks.flatMap((disk) => fileOf(disk) ?? []),
  };
}

function chainOf(disk: XmlElement): string[] {
  const beneath = disk.first('backingStore');
  return [fileOf(disk) ?? [], beneath === undefined ? [] : chainOf(beneath)].flat();
}

function fileOf(disk: XmlElement): string | undefined {
  const source = disk.first('source');
  return source?.attribute('file') ?? source?.attribute('dev');
}
