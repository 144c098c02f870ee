import { messageOf } from '../../lib/errors';

/**
 * The data of an event as a journal can hold it: JSON of at most `limit` characters. What can't be shown is told of in words
 * instead, under the key `note`.
 */
export function boundedData(data: Readonly<Record<string, unknown>>, limit: number): Record<string, unknown> {
  try {
    const text = JSON.stringify(data, plain);
    if (text.length <= limit) return JSON.parse(text) as Record<string, unknown>;
    return { note: `left out: ${text.length} characters of JSON are more than the ${limit} that the data of an event may have` };
  } catch (error) {
    return { note: `left out: no JSON (${messageOf(error).slice(0, 200)})` };
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value;
}
