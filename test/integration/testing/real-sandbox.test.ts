import { describeSandbox } from '../../contract/sandbox-contract';
import { type TestSandbox, testSandbox } from '../fixtures/test-sandbox';

let deployed: TestSandbox;
afterAll(() => deployed[Symbol.asyncDispose]());

describeSandbox('real', async () => {
  deployed = await testSandbox({ running: false });
  return deployed.connect();
});
