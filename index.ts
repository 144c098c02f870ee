/**
 * What apps declare: stacks, sandboxes, networks, guests, images.
 * @module sandform
 */
export * from './stacks';
export * from './constructs';
export * from './lib';
