import { type Static, Type } from '../schema';
import { Digest } from './domain-part';

/** Generation of the SandboxSpec document; a reader refuses others. */
export const SCHEMA_VERSION = 1;

/** Stack, sandbox and app names: a letter or digit first, at most 63 characters. */
export const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' });

/** Who a sandbox is: written once into its domain, by the provider, and never changed. */
export const Identity = Type.Object(
  {
    schemaVersion: Type.Literal(SCHEMA_VERSION),
    app: Name,
    stack: Name,
    sandbox: Name,
    /** Digest of the domain part (see digestOf). */
    digest: Digest,
    /** When the domain was made, ISO 8601 in UTC; absent before deployment. */
    birth: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { additionalProperties: false, $id: 'Identity' },
);
export type Identity = Static<typeof Identity>;
