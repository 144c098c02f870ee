export { BaseVolumes, type EnsureOptions } from './base-volumes';
export { poolPath } from './pool-path';
export { type PrunedBase, type PruneOptions, prunableBases } from './prune';
export { type OwnVolume, SandformPool } from './sandform-pool';
