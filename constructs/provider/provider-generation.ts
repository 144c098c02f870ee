import type { Construct } from 'constructs';
import type { DomainPart, Identity, ImageReference, NetworkXmlFacts } from '../../lib';
import type { HarmfulAttribute, ProviderSchema } from './provider-schema';
import type { Resource } from './resource';
import type { Expression } from './template';

/** A volume in the pool of Sandform. */
export interface VolumeModel {
  readonly name: string;
  readonly format: 'qcow2' | 'raw';
  /** Size that the guest sees, bytes. */
  readonly size: number;
  /** The volume below it in the same pool, for copy-on-write. */
  readonly base?: { readonly name: string; readonly format: ImageReference['format'] };
  /** A volume that lies in the same pool; needed where there is a base. */
  readonly neighbour?: ProvidedVolume;
}

/** A domain. Its XML is ours, whatever a provider would make of its own attributes. */
export interface DomainModel {
  readonly domain: DomainPart;
  /** Without the birth, which is known only when it is born. */
  readonly identity: Omit<Identity, 'birth'>;
  readonly uuid: Expression;
  readonly running: boolean;
  readonly volumes: readonly { readonly disk: string; readonly volume: ProvidedVolume }[];
  readonly seed?: ProvidedVolume;
  /** A volume that lies in the pool of Sandform, beside the base volumes. */
  readonly neighbour: ProvidedVolume;
}

export interface ProvidedVolume {
  readonly resource: Resource;
  /** Path on the host. */
  path(): Expression;
}

export interface ProvidedNetwork {
  readonly resource: Resource;
  /** Changes whenever the network is made anew. */
  id(): Expression;
}

export interface ProvidedDomain {
  readonly resource: Resource;
  /** libvirt's UUID of it, known once it is there. */
  uuid(): Expression;
}

/** When a resource is made, and with what it is replaced. */
export interface Order {
  readonly after?: readonly Resource[];
  readonly replacedWith?: readonly Resource[];
}

/** Generations of the libvirt provider, which differ in everything. */
export const PROVIDERS = ['0.9', '0.8'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** One generation of the libvirt provider: how the neutral model becomes its resources. */
export interface ProviderGeneration {
  readonly name: ProviderName;
  /** The very version that stacks ask for: another one may plan something else, or drop what it does not know. */
  readonly version: string;
  readonly schema: ProviderSchema;
  /** What it has but must never be given. */
  readonly harmful: readonly HarmfulAttribute[];
  /** Ways to a remote libvirt, as URIs name them, by which it does not get there, and why. */
  readonly closedWays: Readonly<Record<string, string>>;
  /** What of a domain's XML it has no place for, because of overrides. */
  homelessXml(this: void, domain: DomainPart): readonly string[];
  /** Declares the provider in a stack. @param uri undefined: the provider's own default holds */
  declare(scope: Construct, id: string, uri: () => string | undefined): void;
  volume(scope: Construct, id: string, model: () => VolumeModel, order: Order): ProvidedVolume;
  network(scope: Construct, id: string, model: () => NetworkXmlFacts, order: Order): ProvidedNetwork;
  domain(scope: Construct, id: string, model: () => DomainModel, order: Order): ProvidedDomain;
}
