import type { PartsOf, SandboxFixtureOptions, SynthesizedNetwork, SynthesizedStack, TestSandbox } from 'sandform/testing';
import type { SandboxSpec } from 'sandform';

export * from 'sandform/testing';

declare module 'vitest' {
  interface Matchers<T = any> {
    toHaveSandbox(name: string, parts?: PartsOf<SandboxSpec>): T;
    toHaveNetwork(name: string, parts?: PartsOf<SynthesizedNetwork>): T;
    toReplace(deployed: SynthesizedStack | undefined, names: readonly string[]): T;
    toUpdateInPlace(deployed: SynthesizedStack | undefined): T;
  }
}

/**
 * A sandbox for the tests of the file or `describe` that this is called in.
 * @returns gives the sandbox inside a test
 */
export function sandbox(options: SandboxFixtureOptions): () => TestSandbox;
