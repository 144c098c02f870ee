const project = (displayName, extra = {}) => ({
  displayName,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' }, sourceMaps: 'inline' }] },
  moduleNameMapper: {
    '^sandform$': '<rootDir>/index.ts',
    '^sandform/runtime$': '<rootDir>/hooks-runtime/index.ts',
    '^sandform/testing/jest$': '<rootDir>/testing/jest.ts',
    '^sandform/testing$': '<rootDir>/testing/index.ts',
    '^sandform/hooks$': '<rootDir>/hooks-runtime/hooks/index.ts',
    // What `npm run build` made of it: one file, with compiled schemas beside it, where each test file would load the packages behind it anew.
    '^(\\.\\./)+(lib/)?schema$': '<rootDir>/dist/lib/schema/index.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/cdktf.out'],
  ...extra,
});

/** @type {import('jest').Config} */
module.exports = {
  projects: [project('unit'), project('synth', { testMatch: ['<rootDir>/test/synth/**/*.test.ts', '<rootDir>/examples/**/*.test.ts'] }), project('integration')],
  testSequencer: '<rootDir>/test/longest-first.mjs',
  testTimeout: 120_000,
  slowTestThreshold: 30,
};
