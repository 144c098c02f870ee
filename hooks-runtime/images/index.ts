export { BaseVolumes, type EnsureOptions } from './base-volumes';
export { type LocalRoot, localRoot } from './root-index';
export { poolPath } from './pool-path';
export { type PrunedBase, type PruneOptions, prunableBases } from './prune';
export { type OwnVolume, SandformPool } from './sandform-pool';
