import { parseXml } from './parse-xml';

/** What matters of a storage pool's description. */
export interface PoolFacts {
  /** `dir`, `fs`, `logical`, ... */
  readonly type: string | undefined;
  readonly uuid: string | undefined;
  /** The folder of its volumes. */
  readonly path: string | undefined;
}

/** Reads libvirt's description of a storage pool. */
export function poolFactsOf(xml: string): PoolFacts {
  const { root } = parseXml(xml) ?? {};
  return { type: root?.attribute('type'), uuid: root?.first('uuid')?.text, path: root?.first('target', 'path')?.text };
}
