import { type Static, type TSchema, Type } from '../schema';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
/** SEE took any value and asked Python whether it is true. */
const Truthy = Type.Unknown();

/** A folder of the host in a container. */
export const Mount = Type.Object({ source_path: Text, target_path: Text }, closed);

/** An image that a provider finds. `uri` is what SEE up to 1.2.8 called `name`. */
export const ProvidedImage = Type.Object({ name: Type.Optional(Text), uri: Type.Optional(Text), provider: Text, provider_configuration: Type.Record(Type.String(), Type.Unknown()) }, closed);
export type ProvidedImage = Static<typeof ProvidedImage>;

/** Read by itself, so that messages tell which of its forms was meant. */
const Later = <Form>() => Type.Unsafe<Form>(Type.Unknown());

const DynamicAddress = Type.Object({ ipv4: Text, prefix: Type.Union([Type.Integer(), Text]), subnet_prefix: Type.Integer({ minimum: 1, maximum: 32 }) }, closed);

export const NetworkConfiguration = Type.Object({ configuration: Type.Optional(Text), dynamic_address: Type.Optional(DynamicAddress) }, closed);
export type NetworkConfiguration = Static<typeof NetworkConfiguration>;

/** A context configuration of SEE 1.3.7, for any of its three factories. */
export const SeeContext = Type.Object(
  {
    name: Type.Optional(Type.Unknown()),
    hypervisor: Type.Optional(Text),
    domain: Type.Object({ configuration: Text, filesystem: Type.Optional(Later<unknown>()) }, closed),
    disk: Type.Optional(
      Type.Object(
        {
          image: Later<unknown>(),
          clone: Type.Optional(Type.Object({ storage_pool_path: Text, copy_on_write: Type.Optional(Truthy) }, closed)),
        },
        closed,
      ),
    ),
    network: Type.Optional(NetworkConfiguration),
  },
  closed,
);
export type SeeContext = Static<typeof SeeContext>;

/** Held to what they must be by hand: messages of a schema would show them. */
const Secret = Type.Optional(Type.Unknown());

/** Keywords of Keystone's password login, with the names of tenants that projects had before. */
const CLOUD_LOGIN = ['auth_url', 'username', 'password', 'user_id', 'user_domain_id', 'user_domain_name', 'project_id', 'project_name', 'project_domain_id', 'project_domain_name', 'tenant_id', 'tenant_name', 'domain_id', 'domain_name', 'trust_id', 'system_scope', 'unscoped', 'reauthenticate', 'include_catalog'] as const;
/** Keywords of boto3's `resource`. */
const STORE_LOGIN = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'aws_account_id', 'endpoint_url', 'region_name', 'verify', 'use_ssl', 'api_version'] as const;

function keywords<Name extends string>(names: readonly Name[]) {
  return Type.Object(Object.fromEntries(names.map((name) => [name, Secret])) as Record<Name, typeof Secret>, closed);
}

const Pool = Type.Object({ hypervisor: Type.Optional(Text), name: Text }, closed);

/** What each provider of SEE's own takes, by the last part of its name. */
export const PROVIDER_CONFIGURATIONS = {
  DummyProvider: Type.Object({ path: Type.Optional(Text) }, closed),
  LibvirtPoolProvider: Type.Object({ storage_pool_path: Text, hypervisor: Type.Optional(Text) }, closed),
  GlanceProvider: Type.Object(
    {
      path: Type.Optional(Text),
      target_path: Type.Optional(Text),
      glance_url: Type.Optional(Text),
      os_auth: keywords(CLOUD_LOGIN),
      session: Type.Optional(Type.Object({ cacert: Type.Optional(Type.Union([Type.Boolean(), Text])), cert: Type.Optional(Type.Union([Text, Type.Array(Text, { minItems: 2, maxItems: 2 })])) }, closed)),
      libvirt_pool: Type.Optional(Pool),
    },
    closed,
  ),
  S3Provider: Type.Object({ path: Text, bucket_name: Text, auth: keywords(STORE_LOGIN), libvirt_pool: Type.Optional(Pool) }, closed),
} as const satisfies Readonly<Record<string, TSchema>>;

export type ProviderName = keyof typeof PROVIDER_CONFIGURATIONS;
export type ProviderConfiguration<Name extends ProviderName> = Static<(typeof PROVIDER_CONFIGURATIONS)[Name]>;
