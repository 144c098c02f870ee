import { type Static, Type } from '../schema';
import { Conduct } from './conduct';
import { DomainPart } from './domain-part';
import { Identity, Name, SCHEMA_VERSION } from './identity';
import type { SandboxSpec } from './sandbox-spec';
import { parsed } from './validation';

/**
 * Where a sandbox keeps its spec on the host: two elements of the domain's libvirt metadata, one namespace each.
 * A network has one element, which tells whose it is.
 */
export const METADATA = {
  /** Identity and domain part, written once by the provider. */
  identity: { uri: 'urn:sandform:identity:1', prefix: 'sandform', element: 'identity' },
  /** Conduct, written by the companion. */
  conduct: { uri: 'urn:sandform:conduct:1', prefix: 'sandform-conduct', element: 'conduct' },
  /** Whose a network is, written once by the provider. */
  network: { uri: 'urn:sandform:network:1', prefix: 'sandform', element: 'network' },
} as const;

/** What the identity element holds, as JSON. */
export const DeployedIdentity = Type.Object({ identity: Identity, domain: DomainPart }, { additionalProperties: false });
export type DeployedIdentity = Static<typeof DeployedIdentity>;

/** What the network element holds, as JSON. */
export const NetworkIdentity = Type.Object(
  { schemaVersion: Type.Literal(SCHEMA_VERSION), app: Name, stack: Name, network: Name },
  { additionalProperties: false },
);
export type NetworkIdentity = Static<typeof NetworkIdentity>;

/** JSON in plain ASCII, so that no tool between synth and libvirt can change it. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The spec of a deployed sandbox from its two metadata texts.
 * The conduct may be missing (a deploy that ended half-way): then the sandbox has no hooks, labels, owner or TTL.
 * @throws SandformError `SPEC_INVALID`
 */
export function specFromMetadata(identityJson: string, conductJson: string | undefined, doing: string): SandboxSpec {
  const deployed = parsed(DeployedIdentity, json(identityJson), 'SPEC_INVALID', doing);
  const conduct = conductJson === undefined ? NO_CONDUCT : parsed(Conduct, json(conductJson), 'SPEC_INVALID', doing);
  return { ...deployed, conduct };
}

const NO_CONDUCT: Conduct = { labels: {}, power: 'on', hooks: [] };

/** Undefined for what is no JSON at all: the schema then says what was expected. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
