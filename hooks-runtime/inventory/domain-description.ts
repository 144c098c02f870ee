import { type DomainXmlFacts, metadataXml, readDomainXml } from '../../lib/domain-xml';
import { METADATA } from '../../lib/spec';
import type { Domain } from '../libvirt';
import { note, noted } from './domain-notes';

/** What a domain says of itself, and what kind of domain it is. */
export interface DomainDescription {
  /** JSON, as deploys wrote it. */
  readonly identity: string;
  readonly conduct: string | undefined;
  /** libvirt's domain type, e.g. `kvm`. */
  readonly type: DomainXmlFacts['type'];
}

/** From its metadata, or where its driver keeps none from what was noted of it; undefined where it is none of ours. */
export async function descriptionOf(domain: Domain): Promise<DomainDescription | undefined> {
  const read = readDomainXml(await domain.xml());
  if (read === undefined) return undefined;
  const { type } = read;
  if (read.identity !== undefined) return { identity: read.identity, conduct: read.conduct, type };
  const kept = await noted(domain.uuid);
  return kept === undefined ? undefined : { identity: kept.identity, conduct: kept.conduct, type };
}

/** Writes the conduct where the identity stands. */
export async function writeConductOf(domain: Domain, conduct: string): Promise<void> {
  const kept = await noted(domain.uuid);
  if (kept === undefined) await domain.setMetadata(METADATA.conduct, metadataXml(METADATA.conduct, conduct));
  else await note(domain.uuid, { ...kept, conduct });
}
