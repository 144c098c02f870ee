/** Colours and other attributes of text (SGR), which carry nothing that a reader of plain text misses. */
const SGR = /\u001b\[[0-9;:]*m/g;

/**
 * What a program wrote to a terminal, as plain text: colours are gone and line ends are one character. Whatever else it did to
 * the terminal stays, and `html` makes it visible.
 */
export function plainText(output: Uint8Array | string): string {
  const text = typeof output === 'string' ? output : new TextDecoder('utf-8', { ignoreBOM: true }).decode(output);
  return text.replace(SGR, '').replace(/\r+\n/g, '\n');
}

/** One line of bounded length: what is cut is told of. */
export function oneLine(text: string, limit: number): string {
  const line = text.replace(SGR, '').replace(/\s*\n\s*/g, ' ⏎ ');
  return line.length <= limit ? line : `${line.slice(0, limit)}… (${line.length - limit} more characters)`;
}

/** A span of time for people: `412 ms`, `4.2 s`, `1 min 02 s`, `2 h 03 min`. */
export function durationForPeople(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds < 10 ? Math.round(milliseconds * 10) / 10 : Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Time since the run began: `0.412`, `1:02.4`, `2:03:04`; seconds, minutes, hours. */
export function offsetForPeople(milliseconds: number): string {
  const sign = milliseconds < 0 ? '−' : '';
  const size = Math.abs(milliseconds);
  if (size < 60_000) return `${sign}${(size / 1000).toFixed(3)}`;
  const [hours, minutes, seconds] = [Math.floor(size / 3_600_000), Math.floor(size / 60_000) % 60, (size / 1000) % 60];
  if (hours === 0) return `${sign}${minutes}:${seconds.toFixed(1).padStart(4, '0')}`;
  return `${sign}${hours}:${pad(minutes)}:${pad(Math.floor(seconds))}`;
}

/** An amount of bytes for people: `512 B`, `1.5 KiB`, `64 MiB`. */
export function bytesForPeople(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 2 ** (10 * power);
  return `${Number.isInteger(amount) || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power] ?? 'B'}`;
}

/** `1 event`, `2 events`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
