export type { FakeAnswer, FakeAnswers } from './fake-commands';
export type { FakeState } from './fake-power';
export { FAKE_PICTURE, type FakeSandbox, type FakeSandboxOptions, fakeSandbox, fakeSpec } from './fake-sandbox';
