import { MARKER_SIZE, stackSettledName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { Step } from './step';

/** All of the stack is there: the next plan need not look for what a deploy left that died. */
export const settleStack: Step<'settle'> = async ({ connection }, { owner: { stack } }) => {
  await (await SandformPool.ensure(connection)).mark(stackSettledName(stack), { size: MARKER_SIZE });
  return undefined;
};
