export { type BrokenSandbox, type DeployedSandbox, sandboxOf } from './deployed-sandbox';
export { type HostNetwork, identityIn, listNetworks } from './deployed-network';
export { HostConnections, openSiblings } from './host-connections';
export { findSandbox, listAllSandboxes, listSandboxes, notFound, type SandboxList } from './list-sandboxes';
