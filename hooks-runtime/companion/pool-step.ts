import { setTimeout as delay } from 'node:timers/promises';
import { SandformError } from '../../lib/errors';
import { stackClaimName, stackMarkerName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { StorageVolume } from '../libvirt';
import type { Step } from './step';

/** How long another deploy may take from its claim to its marker, which Terraform makes next. */
const PATIENCE_MS = 3_000;
const INTERVAL_MS = 50;

/**
 * The pool is there, this host does not hold the stack already, and of several deploys that begin at once one has it: libvirt makes a
 * volume once. A claim that no marker follows is of a deploy that died, and is taken over.
 */
export const preparePool: Step<'pool'> = async ({ connection, signal }, { owner: { stack } }) => {
  const pool = await SandformPool.ensure(connection);
  const isFirst = await pool.mark(stackClaimName(stack));
  const marker = await markerOf(pool, stack, isFirst ? 0 : PATIENCE_MS, signal);
  if (marker === undefined) return undefined;
  if (isFirst) await pool.remove(stackClaimName(stack));
  throw new SandformError('STACK_DEPLOYED', {
    doing: `${stack}: deploying to ${connection.uri}`,
    given: `volume '${marker.name}', which the state of this project does not know`,
    fix: `deploy with the state that deployed it, or remove what it left with \`sandform reap ${stack}\``,
  });
};

async function markerOf(pool: SandformPool, stack: string, patience: number, signal: AbortSignal): Promise<StorageVolume | undefined> {
  const end = performance.now() + patience;
  for (;;) {
    const marker = await pool.findVolume(stackMarkerName(stack));
    if (marker !== undefined || performance.now() >= end) return marker;
    await delay(INTERVAL_MS, undefined, { signal });
  }
}
