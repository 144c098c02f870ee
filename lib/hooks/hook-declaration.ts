/**
 * What a construct needs to know of a hook: enough to name it for the runtime, which loads it again.
 * Every `Hook` of `sandform/hooks` is one.
 */
export interface HookDeclaration {
  /** Where the class is defined: the `__filename` of its module. */
  readonly source: string;
  /** Name under which that module (or the package's entry point) exports the class. */
  readonly export: string;
  /** Configuration, JSON values only. */
  readonly config: Readonly<Record<string, unknown>>;
  /** JSON Schema of the configuration. */
  readonly configSchema: object;
  /** What the hook needs of its sandbox, looked up in the capability table. */
  readonly needs: readonly HookNeed[];
  /** Unique within the sandbox. @default the export's name in kebab-case */
  readonly name?: string;
}

/** A capability that a hook may need: `screen` a display, `exec` commands in the guest, `disk` disks that can be snapshot. */
export type HookNeed = 'screen' | 'exec' | 'disk' | 'memory' | 'network';
