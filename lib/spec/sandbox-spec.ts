import { type Static, Type } from '../schema';
import { Conduct } from './conduct';
import { DomainPart } from './domain-part';
import { Identity } from './identity';

/**
 * The complete, serializable description of one sandbox, and the one contract between declarations and runtime.
 * Declared values only; never a secret.
 */
export const SandboxSpec = Type.Object({ identity: Identity, domain: DomainPart, conduct: Conduct }, { additionalProperties: false, $id: 'SandboxSpec' });
/** The complete, serializable description of one sandbox. */
export type SandboxSpec = Static<typeof SandboxSpec>;
