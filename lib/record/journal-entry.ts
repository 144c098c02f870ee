import { type Static, type TSchema, Type } from '../schema';
import { ArtifactSummary, ErrorEntryDocument } from './summaries';

const closed = { additionalProperties: false } as const;
/** Milliseconds since 1970. */
const at = Type.Number();
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** One event of the sandbox. Its data is JSON; what is not, or is too big, is told of in words. */
export const EventEntry = Type.Object({ type: Type.Literal('event'), at, name: Type.String(), source: Type.String(), data: Type.Record(Type.String(), Type.Unknown()) }, closed);
export type EventEntry = Static<typeof EventEntry>;

/** Something a hook or the run wants to be remembered. */
export const NoteEntry = Type.Object({ type: Type.Literal('note'), at, source: Type.String(), text: Type.String() }, closed);
export type NoteEntry = Static<typeof NoteEntry>;

/** Something of a hook failed. The hook may be one that never attached. */
export const FailureEntry = Type.Object({ type: Type.Literal('failure'), at, hook: Type.String(), event: Type.Optional(Type.String()), error: ErrorEntryDocument }, closed);
export type FailureEntry = Static<typeof FailureEntry>;

/** A hook is about to be attached. */
export const HookAttached = Type.Object({ type: Type.Literal('hook-attached'), at, name: Type.String(), from: Type.String() }, closed);
/** A hook was detached; totals as in HookSummary. */
export const HookDetached = Type.Object({ type: Type.Literal('hook-detached'), at, name: Type.String(), calls: Type.Integer(), duration: Type.Number(), failures: Type.Integer(), dropped: Type.Integer() }, closed);

export const CommandStarted = Type.Object({ type: Type.Literal('command-started'), at, id: Type.Integer(), command: Type.String(), source: Type.String(), stdout: Type.Optional(Type.String()), stderr: Type.Optional(Type.String()) }, closed);
export const CommandEnded = Type.Object(
  {
    type: Type.Literal('command-ended'),
    at,
    id: Type.Integer(),
    exitCode: nullable(Type.Integer()),
    signal: nullable(Type.String()),
    duration: Type.Number(),
    stdoutBytes: Type.Integer(),
    stderrBytes: Type.Integer(),
    stdoutKept: Type.Integer(),
    stderrKept: Type.Integer(),
    error: Type.Optional(ErrorEntryDocument),
  },
  closed,
);

/** A file was added; it was complete before this was written. */
export const ArtifactAdded = Type.Object({ type: Type.Literal('artifact'), ...ArtifactSummary.properties }, closed);

/** One line of events.ndjson. */
export const JournalEntry = Type.Union([EventEntry, NoteEntry, FailureEntry, HookAttached, HookDetached, CommandStarted, CommandEnded, ArtifactAdded]);
export type JournalEntry = Static<typeof JournalEntry>;
