/** The power of a domain: transitions, and what happens to it. */
export { assertLegal, illegal, isLegal, legalTransitions } from './legal-transitions';
export { Lifecycle, type Power, type PoweronOptions, type RestartOptions, type ShutdownOptions, type TransitionOptions } from './lifecycle';
