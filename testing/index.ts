/** `sandform/testing`: for tests of hooks, constructs and what runs in sandboxes, with any test framework. */
export * from './fake';
export * from './fixture';
export * from './plan';
