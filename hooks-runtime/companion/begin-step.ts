import { SandformError } from '../../lib/errors';
import { stackClaimName, stackSettledName } from '../../lib/naming';
import { SandformPool } from '../images';
import { reapUnknown } from '../reap';
import type { Step } from './step';
import { terraformKnowledge } from './terraform-knowledge';

/**
 * The stack is being changed, and nothing is in the way that an earlier deploy made as it died: Terraform notes what a provider made
 * only once the provider has told it, and would find the name taken ever after.
 */
export const beginDeploy: Step<'begin'> = async ({ connection, siblings, signal, tell }, { owner }) => {
  const pool = await SandformPool.ensure(connection);
  // The marker speaks for the stack from here on.
  for (const name of [stackClaimName(owner.stack), stackSettledName(owner.stack)]) await pool.remove(name);
  const removed = await reapUnknown(connection, await siblings(), owner, async () => {
    try {
      return await terraformKnowledge(signal);
    } catch (error) {
      tell(SandformError.from(error, `${owner.stack}: asking Terraform what it knows`).message);
      return undefined;
    }
  });
  for (const { kind, name } of removed) tell(`removed ${kind} ${name}, which a deploy that died had left`);
  return undefined;
};
