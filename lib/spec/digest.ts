import { createHash } from 'node:crypto';
import type { DomainPart } from './domain-part';

/** SHA-256 over the canonical JSON of a domain part: the same for the same values in whatever order. */
export function digestOf(domain: DomainPart): string {
  return createHash('sha256').update(canonicalJson(domain)).digest('hex');
}

/** JSON with sorted keys and without white space or undefined values. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
