export * from './stacks';
export * from './constructs';
export * from './lib';
