import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Name of a run and of its folder, sorted by time: `20261122T132257Z-lab-victim-x7k2`. */
export function runId(address: string, startedAt: Date): string {
  const time = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  const random = Array.from({ length: 4 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return `${time}-${address.replace('/', '-')}-${random}`;
}

/** Whether a folder's name can be that of a run. */
export function isRunId(name: string): boolean {
  return /^\d{8}T\d{6}Z-[A-Za-z0-9_-]{3,200}$/.test(name);
}
