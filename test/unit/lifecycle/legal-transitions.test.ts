import { TRANSITIONS, type Transition } from '../../../lib/events';
import { assertLegal, isLegal, legalTransitions } from '../../../hooks-runtime/lifecycle/legal-transitions';
import type { DomainStateName } from '../../../hooks-runtime/libvirt';

/** Written out in full on purpose, independently of the table that it checks. */
const EXPECTED: Record<DomainStateName, Transition[]> = {
  nostate: [],
  running: ['pause', 'shutdown', 'poweroff', 'restart', 'save'],
  blocked: ['pause', 'shutdown', 'poweroff', 'restart', 'save'],
  paused: ['resume', 'poweroff', 'save'],
  shutdown: ['poweroff'],
  shutoff: ['poweron', 'restore'],
  crashed: ['poweron', 'poweroff'],
  pmsuspended: ['resume', 'poweroff'],
};
const STATES = Object.keys(EXPECTED) as DomainStateName[];
const EVERY = STATES.flatMap((state) => TRANSITIONS.map((transition) => [transition, state] as const));

describe('the state machine', () => {
  it.each(STATES)('knows what is legal in %s', (state) => {
    expect(new Set(legalTransitions(state))).toEqual(new Set(EXPECTED[state]));
  });

  it.each(EVERY)('answers for %s from %s', (transition, state) => {
    const legal = EXPECTED[state].includes(transition);
    expect(isLegal(transition, state)).toBe(legal);
    if (legal) {
      expect(() => assertLegal(transition, state, 'lab-victim')).not.toThrow();
      return;
    }
    expect(() => assertLegal(transition, state, 'lab-victim')).toThrow(
      expect.objectContaining({
        code: 'STATE_TRANSITION_ILLEGAL',
        doing: `${transition} of domain 'lab-victim'`,
        given: `the state '${state}'`,
        details: { state, transition, legal: expect.arrayContaining(EXPECTED[state]) },
      }),
    );
  });
});
