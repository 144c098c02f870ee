export { ownFilters } from './holdings';
export { orphanedProcesses } from './orphans';
export { reap, type ReapOptions, type ReapReport } from './reap';
export type { ReapedKind, ReapedThing } from './reap-item';
export { reapUnknown, type TerraformKnowledge } from './reap-unknown';
export type { ReapSelection } from './selection';
