import { Type } from '../../lib/schema';
import type { DurationText } from '../../lib/units';

interface Described {
  readonly description?: string;
  readonly default?: string;
}

/** Schema of a duration such as `'30s'`. */
export const durationText = (options: Described = {}) => Type.Unsafe<DurationText>(Type.String({ pattern: '^[0-9]+([.][0-9]+)? ?(ms|s|m|h|d)$', ...options }));

/** Schema of the name of an event. */
export const eventName = (options: Described = {}) => Type.String({ pattern: EVENT_NAME, ...options });

/** As isEventName of lib checks it. */
export const EVENT_NAME = '^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}$';
