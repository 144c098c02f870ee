// `sandform/testing/vitest`: the test kit for Vitest, which is no CommonJS. Importing it adds the matchers and the serializer.
import { afterEach, beforeEach, expect } from 'vitest';
import { SandboxFixture, planMatchers, planSerializer } from 'sandform/testing';

export * from 'sandform/testing';

/** Milliseconds for a deploy or destroy, emulated guests and busy machines included. */
const LONG = 300_000;

expect.extend(planMatchers);
expect.addSnapshotSerializer(planSerializer);

export function sandbox(options) {
  const fixture = new SandboxFixture(options);
  // What a hook returns, Vitest would call after the test.
  beforeEach(async () => void (await fixture.begin()), LONG);
  afterEach(() => fixture.finish(), LONG);
  return () => fixture.current;
}
