export { type BrokenSandbox, type DeployedSandbox, sandboxOf } from './deployed-sandbox';
export { type HostNetwork, identityIn, listNetworks } from './deployed-network';
export { type DomainDescription, descriptionOf, writeConductOf } from './domain-description';
export { type DomainNote, allNoted, forget, note, noted } from './domain-notes';
export { HostConnections, openSiblings } from './host-connections';
export { findSandbox, listAllSandboxes, listSandboxes, notFound, type SandboxList } from './list-sandboxes';
