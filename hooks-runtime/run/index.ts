export { type ObserveOptions, observe } from './observe';
export { Run } from './run';
export type { RunResult } from './run-result';
