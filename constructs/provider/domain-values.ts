import { asciiJson, baseVolumeName, consoleLogName } from '../../lib';
import type { DomainXmlValues } from '../../lib/domain-xml';
import type { Placeholders } from './placeholders';
import type { DomainModel, ProvidedVolume } from './provider-generation';
import type { Expression } from './template';

/** What a domain's XML holds that only Terraform will know, as placeholders. */
export function domainValues({ domain, identity, volumes, seed, neighbour }: DomainModel, placeholders: Placeholders): DomainXmlValues {
  return {
    // Put together by hand: as a value inside the JSON the placeholder would be escaped.
    metadata: { identity: `{"identity":{"birth":"${placeholders.hold('timestamp()')}",${asciiJson(identity).slice(1)},"domain":${asciiJson(domain)}}` },
    volumePath: (disk) => placeholders.hold(volumes.find((candidate) => candidate.disk === disk)?.volume.path() ?? '""'),
    baseVolumePath: (digest) => `${placeholders.hold(folderOf(neighbour))}/${baseVolumeName(digest)}`,
    consolePath: () => `${placeholders.hold(folderOf(neighbour))}/${consoleLogName(domain.name)}`,
    seedPath: () => placeholders.hold(seed?.path() ?? '""'),
  };
}

/** The folder on the host that a volume lies in. */
export function folderOf(volume: ProvidedVolume): Expression {
  return `dirname(${volume.path()})`;
}
