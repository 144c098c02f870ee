/** The power of a domain: transitions, and what happens to it. */
export { isLegal, legalTransitions } from './legal-transitions';
export { Lifecycle, type PoweronOptions, type RestartOptions, type ShutdownOptions, type TransitionOptions } from './lifecycle';
