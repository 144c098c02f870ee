import { addressCalls } from './address-calls';
import type { CallContext } from './call-context';
import { domainCalls } from './domain-calls';
import { eventCalls } from './event-calls';
import { hostCalls } from './host-calls';
import { networkCalls } from './network-calls';
import { nwfilterCalls } from './nwfilter-calls';
import { snapshotCalls } from './snapshot-calls';
import { storageCalls } from './storage-calls';
import { streamCalls } from './stream-calls';

/** Everything that can be asked of a call thread, by name. Each is plain synchronous code over one connection. */
export const calls = { ...addressCalls, ...domainCalls, ...eventCalls, ...hostCalls, ...networkCalls, ...nwfilterCalls, ...snapshotCalls, ...storageCalls, ...streamCalls };

export type Calls = typeof calls;
export type CallName = keyof Calls;
/** What a call is given beside its context. */
export type CallArguments<Name extends CallName> = Calls[Name] extends (context: CallContext, ...given: infer Given) => unknown ? Given : never;
export type CallResult<Name extends CallName> = ReturnType<Calls[Name]>;
