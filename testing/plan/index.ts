export { type MatcherResult, type PartsOf, planMatchers } from './matchers';
export { type PlannedChange, plannedChanges } from './planned-changes';
export { portablePlan } from './portable-plan';
export { planSerializer } from './serializer';
export { type Plan, type SynthesizeOptions, type SynthesizedNetwork, SynthesizedStack, synthesize } from './synthesized';
