export { type BrokenSandbox, type DeployedSandbox, sandboxOf } from './deployed-sandbox';
export { type HostNetwork, identityIn, listNetworks } from './deployed-network';
export { findSandbox, listSandboxes, type SandboxList } from './list-sandboxes';
