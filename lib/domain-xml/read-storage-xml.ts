import { elementAt, parseXml, textOf } from './xml-element';

/** What the runtime wants to know of a storage pool. Absent where the XML does not tell. */
export interface PoolXmlFacts {
  /** `dir`, `fs`, `logical`, ... */
  readonly type: string | undefined;
  readonly uuid: string | undefined;
  /** The folder of its volumes. */
  readonly path: string | undefined;
}

/** What the runtime wants to know of a volume. Absent where the XML does not tell. */
export interface VolumeXmlFacts {
  /** As libvirt found it by looking into the file, e.g. `qcow2`. */
  readonly format: string | undefined;
  /** File that it is a layer over. */
  readonly backing: string | undefined;
}

/** Reads libvirt's storage pool XML; undefined for what is none. */
export function readPoolXml(xml: string): PoolXmlFacts | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'pool') return undefined;
  return { type: root.attributes['type'], uuid: textOf(elementAt(root, 'uuid')) || undefined, path: textOf(elementAt(root, 'target', 'path')) || undefined };
}

/** Reads libvirt's volume XML; undefined for what is none. */
export function readVolumeXml(xml: string): VolumeXmlFacts | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'volume') return undefined;
  return { format: elementAt(root, 'target', 'format')?.attributes['type'], backing: textOf(elementAt(root, 'backingStore', 'path')) || undefined };
}
