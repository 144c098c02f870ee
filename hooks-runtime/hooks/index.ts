/**
 * Hooks, and what they are made of.
 * @module sandform/hooks
 */
/** What the schemas of configurations are written with: TypeBox. TypeScript names the types in the declarations of a hook. */
export { type Static, type TSchema, Type } from '../../lib/schema';
export type { TAny, TArray, TBoolean, TInteger, TIntersect, TLiteral, TNull, TNumber, TObject, TOptional, TReadonly, TRecord, TString, TTuple, TUnion, TUnknown, TUnsafe } from '../../lib/schema';
export { type AttachOptions, AttachedHook } from './attached-hook';
export { Commands } from './commands';
export { commandFailed } from './command-failed';
export { DiskCheckpoint } from './disk-checkpoint';
export { durationText, eventName } from './config-types';
export { Hook, type HookClass, type HookOptions } from './hook';
export type { HookContext, HookEvents, HookRecord } from './hook-context';
export { type InlineHook, inlineHook } from './inline-hook';
export { describeHook, loadHook } from './load-hook';
export { MemoryDump } from './memory-dump';
export { NetworkTrace } from './network-trace';
export { commandLine, recordedCommands } from './recorded-commands';
export { Screenshots } from './screenshots';
export { SeeAgent } from './see-agent';
export { SeeProtocol } from './see-protocol';
export { Timers } from './timers';
export { WaitForGuest } from './wait-for-guest';
