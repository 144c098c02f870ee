/**
 * The test kit for jest. Importing it adds the matchers and the serializer.
 * @module sandform/testing/jest
 */
import { type PartsOf, SandboxFixture, type SandboxFixtureOptions, type SynthesizedNetwork, type SynthesizedStack, type TestSandbox, planMatchers, planSerializer } from '.';
import type { SandboxSpec } from '../lib/spec';

export * from '.';

/** Milliseconds for a deploy or destroy, emulated guests and busy machines included. */
const LONG = 300_000;

declare global {
  // jest's own types are open under this name.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    interface Matchers<R> {
      toHaveSandbox(name: string, parts?: PartsOf<SandboxSpec>): R;
      toHaveNetwork(name: string, parts?: PartsOf<SynthesizedNetwork>): R;
      toReplace(deployed: SynthesizedStack | undefined, names: readonly string[]): R;
      toUpdateInPlace(deployed: SynthesizedStack | undefined): R;
    }
  }
}

/** What of jest's globals the kit uses. */
interface Globals {
  readonly beforeEach: (work: () => Promise<unknown>, timeout: number) => void;
  readonly afterEach: (work: () => Promise<unknown>, timeout: number) => void;
  readonly expect: { extend(matchers: object): void; addSnapshotSerializer(serializer: object): void };
}

const { beforeEach: before, afterEach: after, expect: expectation } = globalThis as unknown as Globals;
expectation.extend(planMatchers);
expectation.addSnapshotSerializer(planSerializer);

/**
 * A sandbox for the tests of the file or `describe` that this is called in.
 * @returns gives the sandbox inside a test
 */
export function sandbox(options: SandboxFixtureOptions): () => TestSandbox {
  const fixture = new SandboxFixture(options);
  before(() => fixture.begin(), LONG);
  after(() => fixture.finish(), LONG);
  return () => fixture.current;
}
