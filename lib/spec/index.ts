export { Conduct, HookReference, PowerPolicy } from './conduct';
export { canonicalJson, digestOf } from './digest';
export { Accelerator, Digest, Disk, DomainPart, Filesystem, GuestPart, HostName, Hypervisor, ImageReference, KernelBoot, Nic, XmlOverride } from './domain-part';
export { Identity, Name, SCHEMA_VERSION } from './identity';
export { METADATA, DeployedIdentity, NetworkIdentity, asciiJson, specFromMetadata } from './metadata';
export { SandboxSpec } from './sandbox-spec';
export { type Mistake, mistakesOf, parsed } from './validation';
