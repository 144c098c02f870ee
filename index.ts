export * from './constructs';
export * from './lib';
export * from './stacks';
