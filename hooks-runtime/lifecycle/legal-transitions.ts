import { SandformError } from '../../lib/errors';
import type { Transition } from '../../lib/events';
import type { DomainStateName } from '../libvirt';

/**
 * From which states of libvirt each transition may start.
 *
 * A domain whose process lives can always be powered off. `crashed` is a domain whose remains are kept (`on_crash`
 * preserve); one that ended with its crash is `shutoff`. `blocked` is how Xen calls a running domain that is idle.
 */
const LEGAL: Readonly<Record<Transition, readonly DomainStateName[]>> = {
  poweron: ['shutoff', 'crashed'],
  pause: ['running', 'blocked'],
  resume: ['paused', 'pmsuspended'],
  shutdown: ['running', 'blocked'],
  poweroff: ['running', 'blocked', 'paused', 'shutdown', 'crashed', 'pmsuspended'],
  restart: ['running', 'blocked'],
  save: ['running', 'blocked', 'paused'],
  restore: ['shutoff'],
};

/** Whether a transition may start from a state. */
export function isLegal(transition: Transition, state: DomainStateName): boolean {
  return LEGAL[transition].includes(state);
}

/** The transitions that may start from a state. */
export function legalTransitions(state: DomainStateName): Transition[] {
  return (Object.keys(LEGAL) as Transition[]).filter((transition) => isLegal(transition, state));
}

/** @throws SandformError `STATE_TRANSITION_ILLEGAL`, naming the state, the transition and those that are legal */
export function assertLegal(transition: Transition, state: DomainStateName, domain: string): void {
  if (isLegal(transition, state)) return;
  throw illegal(transition, state, domain, `the state '${state}'`);
}

/** The error for a transition that a state does not allow. */
export function illegal(transition: Transition, state: DomainStateName, domain: string, given: string): SandformError {
  const legal = legalTransitions(state).filter((other) => other !== transition);
  return new SandformError('STATE_TRANSITION_ILLEGAL', {
    doing: `${transition} of domain '${domain}'`,
    given,
    expected: `one of the states ${LEGAL[transition].join(', ')}`,
    fix: legal.length === 0 ? 'wait until its state changes' : `legal now: ${legal.join(', ')}`,
    details: { state, transition, legal },
  });
}
