import { CONTRACT_COMMANDS, describeSandbox } from '../../contract/sandbox-contract';
import { type FakeAnswer, fakeSandbox } from '../../../testing';

const ANSWERS = new Map<unknown, FakeAnswer | Promise<FakeAnswer>>([
  [CONTRACT_COMMANDS.greets, { stdout: 'hello there\n' }],
  [CONTRACT_COMMANDS.complains, { stderr: 'no\n', exitCode: 3 }],
  [CONTRACT_COMMANDS.hangs, new Promise<never>(() => undefined)],
]);

describeSandbox('fake', () => Promise.resolve(fakeSandbox({ answer: (command) => ANSWERS.get(command) ?? {} })));
