import { SandformError } from '../errors';
import { type CapabilityName, type RunsOn, lackOf } from './capabilities';

/**
 * Ends what a hypervisor does not offer, in the words of the table.
 * @throws SandformError `CAPABILITY_MISSING`
 */
export function mustOffer(on: RunsOn, name: CapabilityName, doing: string): void {
  const lack = lackOf(on, name);
  if (lack !== undefined) throw new SandformError('CAPABILITY_MISSING', { doing, given: `a need of ${lack}` });
}
