import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AdHocDescription } from '../../lib/adhoc';
import { GUESTS } from '../host';

/** The guest or image that an ad hoc run is asked for; undefined where the text is the address of something deployed. */
export function guestOf(text: string, { agent }: { readonly agent: boolean }): AdHocDescription['guest'] | undefined {
  if (GUESTS.some((name) => name === text)) return { built: text };
  const isPath = /^(\.{0,2}\/|~)/.test(text) || /\.(qcow2|img|raw)$/.test(text);
  return isPath || (existsSync(text) && text.includes('.')) ? { image: resolve(text), agent } : undefined;
}
