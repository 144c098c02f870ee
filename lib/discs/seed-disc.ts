import { type Static, Type } from '../schema';
import { isoImage } from './iso-image';

/** The NoCloud documents of cloud-init. */
export const SeedDocuments = Type.Object(
  {
    userData: Type.String(),
    metaData: Type.String(),
    /** Empty: cloud-init's own. */
    networkConfig: Type.String(),
  },
  { additionalProperties: false },
);
export type SeedDocuments = Static<typeof SeedDocuments>;

/** Bytes of every seed: more than documents take that one environment variable holds. */
export const SEED_SIZE = 2 ** 18;

/**
 * A CD of NoCloud's. It fills its volume, so that nothing stays of what was there before.
 * Format: https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
 */
export function seedDisc({ userData, metaData, networkConfig }: SeedDocuments): Buffer {
  const files = { 'USER-DATA.': userData, 'META-DATA.': metaData, ...(networkConfig === '' ? {} : { 'NETWORK-CONFIG.': networkConfig }) };
  const disc = isoImage('cidata', Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
  return Buffer.concat([disc], SEED_SIZE);
}
