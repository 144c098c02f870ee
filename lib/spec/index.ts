export { Conduct, HookReference, PowerPolicy } from './conduct';
export { CONTAINER_USERS } from './container-users';
export { canonicalJson, digestOf } from './digest';
export { Accelerator, ContainerPart, Digest, Disk, DomainPart, FilterName, Filesystem, GuestPart, HostName, Hypervisor, ImageReference, KernelBoot, Nic, RootReference, XmlOverride } from './domain-part';
export { CLOSED_EGRESS, Egress, EgressRules, PortRange, Protocol } from './egress';
export { Identity, Name, SCHEMA_VERSION } from './identity';
export { METADATA, DeployedIdentity, NetworkIdentity, asciiJson, specFromMetadata } from './metadata';
export { SandboxSpec } from './sandbox-spec';
export { type Mistake, mistakesOf, parsed } from './validation';
