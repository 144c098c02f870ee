import { parseXml } from './parse-xml';

/** What matters of a volume's description. Sizes in bytes. */
export interface VolumeFacts {
  readonly path: string | undefined;
  /** As libvirt found it by looking into the file, e.g. `qcow2`. */
  readonly format: string | undefined;
  /** What a guest sees. */
  readonly capacity: number;
  /** Length of the file; undefined where libvirt does not tell. */
  readonly physical: number | undefined;
  /** File that it is a layer over. */
  readonly backing: string | undefined;
}

/** Reads libvirt's description of a volume. */
export function volumeFactsOf(xml: string): VolumeFacts {
  const { root } = parseXml(xml) ?? {};
  const physical = root?.first('physical')?.text;
  return {
    path: root?.first('target', 'path')?.text,
    format: root?.first('target', 'format')?.attribute('type'),
    capacity: Number(root?.first('capacity')?.text ?? 0),
    physical: physical === undefined ? undefined : Number(physical),
    backing: root?.first('backingStore', 'path')?.text || undefined,
  };
}
