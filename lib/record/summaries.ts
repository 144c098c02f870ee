import { type Static, Type } from '../schema';

const closed = { additionalProperties: false } as const;

/** An error as records keep it; see ErrorDocument. */
export const ErrorEntryDocument = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$' }),
    doing: Type.String(),
    given: Type.Optional(Type.String()),
    expected: Type.String(),
    fix: Type.String(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);

/** What became of one hook. */
export const HookSummary = Type.Object(
  {
    name: Type.String(),
    /** Where its code came from, e.g. `sandform/hooks#Screenshots`, `hooks/mine.ts#Mine`, or `inline`. */
    from: Type.String(),
    /** `failed` as soon as anything of it failed; `running` while the run goes on, or where it was interrupted. */
    outcome: Type.Object({ status: Type.Union([Type.Literal('running'), Type.Literal('passed'), Type.Literal('failed')]), code: Type.Optional(Type.String()) }, closed),
    /** Handlers and tasks that were called. */
    calls: Type.Integer({ minimum: 0 }),
    /** Milliseconds that these took together. */
    duration: Type.Number({ minimum: 0 }),
    /** How often it failed; the record keeps the first hundred errors of each hook. */
    failures: Type.Integer({ minimum: 0 }),
    /** Its events that were dropped because they were too many. */
    dropped: Type.Integer({ minimum: 0 }),
    errors: Type.Array(Type.Object({ at: Type.Number(), event: Type.Optional(Type.String()), error: ErrorEntryDocument }, closed)),
  },
  closed,
);
export type HookSummary = Static<typeof HookSummary>;

/** One output stream of a command. */
const Output = Type.Object(
  {
    /** Path in the record's folder. */
    file: Type.String(),
    /** Bytes that the command wrote; absent while it runs. */
    bytes: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Bytes that the file holds: less where the limits of a run cut it. */
    kept: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);

/** One command that ran in the guest. */
export const CommandSummary = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    /** As a shell would write it. */
    command: Type.String(),
    /** `run` for the run's own command, else the name of the hook. */
    source: Type.String(),
    /** Milliseconds since 1970. */
    startedAt: Type.Number(),
    /** Milliseconds; absent while it runs. */
    duration: Type.Optional(Type.Number({ minimum: 0 })),
    exitCode: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    signal: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    /** Why it has no end of its own. */
    error: Type.Optional(ErrorEntryDocument),
    /** Absent where the output went elsewhere, such as to a terminal. */
    stdout: Type.Optional(Output),
    stderr: Type.Optional(Output),
  },
  closed,
);
export type CommandSummary = Static<typeof CommandSummary>;

/** One file of the record. */
export const ArtifactSummary = Type.Object(
  {
    /** Path in the record's folder, of our own making: `artifacts/0003-screenshot.png`. */
    file: Type.String({ pattern: '^artifacts/[0-9]{4,}-[a-z0-9-]{1,80}\\.[a-z0-9]{1,8}$' }),
    /** What the hook called it, e.g. `screenshot`. */
    kind: Type.String(),
    /** Media type, e.g. `image/png`. */
    mediaType: Type.String(),
    /** Bytes. */
    size: Type.Integer({ minimum: 0 }),
    /** SHA-256 of the content. */
    digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** Who added it. */
    source: Type.String(),
    /** Milliseconds since 1970. */
    at: Type.Number(),
    /** Why, e.g. the event that it was taken on. */
    reason: Type.Optional(Type.String()),
  },
  closed,
);
export type ArtifactSummary = Static<typeof ArtifactSummary>;
