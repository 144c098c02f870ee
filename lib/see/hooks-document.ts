import { type Static, type TSchema, Type } from '../schema';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const Anything = Type.Record(Type.String(), Type.Unknown());
/** One event or several. */
const Events = Type.Union([Text, Type.Array(Text)]);
const Truthy = Type.Unknown();

/** A hooks configuration of SEE 1.3.7. */
export const SeeHooks = Type.Object(
  {
    configuration: Type.Optional(Anything),
    hooks: Type.Optional(Type.Array(Type.Object({ name: Text, configuration: Type.Optional(Anything) }, closed))),
  },
  closed,
);
export type SeeHooks = Static<typeof SeeHooks>;

/** What each reference plugin takes, general and own configuration together, by the last part of its name. */
export const HOOK_CONFIGURATIONS = {
  TimersHook: Type.Object({ timers: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Number({ minimum: 0 }), Text]))) }, closed),
  ScreenHook: Type.Object({ screenshot_on_event: Type.Optional(Events) }, closed),
  MemoryHook: Type.Object(
    { memory_snapshots_on_event: Type.Optional(Events), memory_snapshot_on_event: Type.Optional(Events), compress_snapshots: Type.Optional(Truthy), delete_snapshots: Type.Optional(Truthy) },
    closed,
  ),
  VolatilityHook: Type.Object(
    { start_processing_on_event: Type.Optional(Text), wait_processing_on_event: Type.Optional(Text), profile: Type.Optional(Text), plugins: Type.Optional(Type.Array(Text)) },
    closed,
  ),
  DiskCheckPointHook: Type.Object({ checkpoint_on_event: Type.Optional(Events), delete_checkpoints: Type.Optional(Truthy), rebase: Type.Optional(Type.Unknown()) }, closed),
  DiskStateAnalyser: Type.Object(
    {
      start_processing_on_event: Type.Optional(Text),
      wait_processing_on_event: Type.Optional(Text),
      identify_files: Type.Optional(Truthy),
      get_file_size: Type.Optional(Truthy),
      extract_files: Type.Optional(Truthy),
      use_concurrency: Type.Optional(Truthy),
      compare_registries: Type.Optional(Truthy),
    },
    closed,
  ),
  NetworkTracerHook: Type.Object(
    { start_trace_on_event: Type.Optional(Text), stop_trace_on_event: Type.Optional(Text), trace_limit: Type.Optional(Type.Integer({ minimum: 1 })), delete_trace_file: Type.Optional(Truthy) },
    closed,
  ),
  NetworkAnalysisHook: Type.Object({ start_processing_on_event: Type.Optional(Text), wait_processing_on_event: Type.Optional(Text), log_format: Type.Optional(Text) }, closed),
  CommandsHook: Type.Object({ 'agent-port': Type.Integer({ minimum: 1, maximum: 65535 }), 'agent-host': Type.Optional(Text) }, closed),
} as const satisfies Readonly<Record<string, TSchema>>;

export type SeeHookName = keyof typeof HOOK_CONFIGURATIONS;
export type SeeHookConfiguration<Name extends SeeHookName> = Static<(typeof HOOK_CONFIGURATIONS)[Name]>;

/** Keys that belong to no hook alone: they usually stand in the general configuration, and mean something to several. */
export const GENERAL_KEYS: readonly string[] = ['results_folder'];
