import { createHash } from 'node:crypto';
import type { SeedDocuments } from '../lib/discs';
import { withGuestProgram } from './first-boot';
import type { Guest } from './guest';

/**
 * NoCloud documents for a guest that runs cloud-init, together up to 120 KiB as JSON. They may hold secrets: they are in the plan, in the state and for a moment in
 * the environment of the companion, but never in the sandbox's description.
 */
export interface CloudInit {
  /** `#cloud-config` or a script. @default an empty cloud-config */
  readonly userData?: string;
  /** YAML. @default the sandbox's name as instance-id and local-hostname */
  readonly metaData?: string;
  /** YAML, version 1 or 2. @default cloud-init's own: DHCP on the first NIC */
  readonly networkConfig?: string;
}

/** The documents with their defaults. */
export function cloudInitDocuments({ userData, metaData, networkConfig }: CloudInit, domain: string): SeedDocuments {
  return {
    userData: userData ?? '#cloud-config\n{}\n',
    metaData: metaData ?? `${JSON.stringify({ 'instance-id': domain, 'local-hostname': domain })}\n`,
    networkConfig: networkConfig ?? '',
  };
}

/** The documents that a sandbox's seed holds: those that were given, and what brings Sandform's guest program in, where the guest lacks it. Undefined where there are none. */
export function seedDocuments({ seeded }: Guest, given: CloudInit | undefined, domain: string): (() => SeedDocuments) | undefined {
  if (given === undefined && !seeded) return undefined;
  return () => cloudInitDocuments(seeded ? { ...given, userData: withGuestProgram(given?.userData) } : (given ?? {}), domain);
}

/** Changes with any of the documents. */
export function cloudInitDigest(documents: SeedDocuments): string {
  return createHash('sha256').update(JSON.stringify([documents.userData, documents.metaData, documents.networkConfig])).digest('hex');
}

/** How long documents are as Terraform's JSON, in bytes. */
export function seedLength(documents: SeedDocuments): number {
  // It escapes what HTML and JavaScript would read otherwise.
  return Buffer.byteLength(JSON.stringify(documents).replace(/[<>&\u2028\u2029]/g, '\\u0000'));
}
