import type { HookDeclaration, HookNeed } from '../../lib/hooks';
import { type TSchema, Type } from '../../lib/schema';
import type { DurationText } from '../../lib/units';
import type { HookContext } from './hook-context';

export interface HookOptions {
  /** How records and errors call it; unique within the sandbox. @default the class's name in kebab-case */
  readonly name?: string;
  /** How long one call of a handler or task of the hook may take. @default '60s' */
  readonly deadline?: DurationText;
}

/** Marks hook classes, so that those of another copy of this package are recognised. */
const HOOK = Symbol.for('sandform.hook');

/**
 * A plug-in that reacts to events of one sandbox. A subclass names its module, so that a stack can name the hook for the runtime,
 * and has a schema of its configuration, which is checked before `attach` is called.
 *
 * What `attach` sets up through its context ends with the run by itself: there is nothing to clean up. A handler that throws or
 * hangs is recorded, and stops nobody else.
 *
 * @typeParam Config the configuration with its defaults filled in
 * @typeParam Written the configuration as it is written in code
 */
export abstract class Hook<Config extends object = object, Written extends object = Partial<Config>> implements HookDeclaration {
  /** The module's `__filename`. */
  static readonly source: string = '';
  /** Schema of the configuration, with its defaults. */
  static readonly config: TSchema = Type.Object({}, { additionalProperties: false });
  /** What the hook needs of its sandbox. */
  static readonly needs: readonly HookNeed[] = [];
  /** @internal */
  static readonly [HOOK] = true;

  readonly source: string;
  readonly export: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly configSchema: TSchema;
  readonly needs: readonly HookNeed[];
  readonly name: string;
  readonly deadline?: DurationText;

  constructor(config: Written = {} as Written, { name, deadline }: HookOptions = {}) {
    const type = new.target;
    this.source = type.source;
    this.export = type.name;
    this.config = config as Readonly<Record<string, unknown>>;
    this.configSchema = type.config;
    this.needs = type.needs;
    this.name = name ?? kebabCase(type.name);
    if (deadline !== undefined) this.deadline = deadline;
  }

  /**
   * Called once, before the run begins. Subscribes to events, sets timers.
   * @param config with its defaults filled in
   */
  abstract attach(context: HookContext, config: Config): void | Promise<void>;
}

/** A class of hooks, of this copy of the package or another. */
export type HookClass = new (config: Record<string, unknown>, options: HookOptions) => Hook;

export function isHookClass(value: unknown): value is HookClass {
  return typeof value === 'function' && (value as { [HOOK]?: unknown })[HOOK] === true;
}

function kebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
