/**
 * For tests of hooks, constructs and what runs in sandboxes, with any test framework.
 * @module sandform/testing
 */
export * from './fake';
export * from './fixture';
export * from './plan';
