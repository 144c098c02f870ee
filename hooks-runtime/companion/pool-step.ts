import { SandformError } from '../../lib/errors';
import { stackMarkerName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { Step } from './step';

/** The pool is there, and this host does not hold the stack already. */
export const preparePool: Step<'pool'> = async ({ connection }, { owner: { stack } }) => {
  const pool = await SandformPool.ensure(connection);
  const marker = await pool.findVolume(stackMarkerName(stack));
  if (marker === undefined) return undefined;
  throw new SandformError('STACK_DEPLOYED', {
    doing: `${stack}: deploying to ${connection.uri}`,
    given: `volume '${marker.name}', which the state of this project does not know`,
    fix: `deploy with the state that deployed it, or remove what it left with \`sandform reap ${stack}\``,
  });
};
