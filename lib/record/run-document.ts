import { type Static, Type } from '../schema';
import { SandboxSpec } from '../spec/sandbox-spec';
import { ErrorEntryDocument, HookSummary, CommandSummary, ArtifactSummary } from './summaries';

const closed = { additionalProperties: false } as const;

/** Generation of the run record; a reader refuses others. */
export const RECORD_VERSION = 1;

/** How a run ended; `passed` says that it went to its end and nothing failed, not that what ran is harmless. */
export const Verdict = Type.Object(
  {
    outcome: Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('interrupted')]),
    /** Why it did not pass; empty if it did. */
    reasons: Type.Array(ErrorEntryDocument),
    /** How the run's own command ended; absent where there was none or it had no end. */
    command: Type.Optional(Type.Object({ exitCode: Type.Union([Type.Integer(), Type.Null()]), signal: Type.Union([Type.String(), Type.Null()]) }, closed)),
  },
  closed,
);
export type Verdict = Static<typeof Verdict>;

/** The process that writes a record: a process id alone is used again, together with start time and boot it is not. */
export const Owner = Type.Object({ pid: Type.Integer({ minimum: 1 }), startTime: Type.String({ maxLength: 32 }), bootId: Type.String({ maxLength: 64 }) }, closed);
export type Owner = Static<typeof Owner>;

/** Where a run happened. */
export const RunHost = Type.Object(
  {
    name: Type.String(),
    /** libvirt's URI. */
    uri: Type.String(),
    /** e.g. `9.0.0`; absent where it wasn't known. */
    libvirt: Type.Optional(Type.String()),
    /** e.g. `QEMU 7.2.22`; absent where it wasn't known. */
    hypervisor: Type.Optional(Type.String()),
  },
  closed,
);
export type RunHost = Static<typeof RunHost>;

/** What a run.json holds: who ran, where, how it ended. What happened lies in events.ndjson beside it. */
export const RunDocument = Type.Object(
  {
    schemaVersion: Type.Literal(RECORD_VERSION),
    /** Name of the run and of its folder, e.g. `20261122T132257Z-lab-victim-x7k2`. */
    id: Type.String({ pattern: '^[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_-]{3,200}$' }),
    /** `STACK/SANDBOX`. */
    address: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}/[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' }),
    /** `running` until it ended; a record that says so while its owner is gone was interrupted. */
    status: Type.Union([Type.Literal('running'), Type.Literal('completed'), Type.Literal('failed'), Type.Literal('interrupted')]),
    /** ISO 8601 in UTC. */
    startedAt: Type.String({ format: 'date-time' }),
    endedAt: Type.Optional(Type.String({ format: 'date-time' })),
    verdict: Type.Optional(Verdict),
    /** The run's own command, as a shell would write it. */
    command: Type.Optional(Type.String()),
    isolation: Type.Object({ level: Type.Union([Type.Literal('hardware-virtualization'), Type.Literal('emulation'), Type.Literal('container')]), meaning: Type.String() }, closed),
    /** The sandbox as it was described when the run began. */
    sandbox: SandboxSpec,
    host: RunHost,
    software: Type.Object({ sandform: Type.String(), node: Type.String() }, closed),
    owner: Owner,
    /** Written at the end, from events.ndjson, for those who read this file alone. */
    summary: Type.Optional(
      Type.Object(
        {
          events: Type.Integer({ minimum: 0 }),
          /** Events and entries that did not fit the limits of a run. */
          dropped: Type.Integer({ minimum: 0 }),
          hooks: Type.Array(HookSummary),
          commands: Type.Array(CommandSummary),
          artifacts: Type.Array(ArtifactSummary),
        },
        closed,
      ),
    ),
  },
  { ...closed, $id: 'RunDocument' },
);
/** What a run.json holds. */
export type RunDocument = Static<typeof RunDocument>;
