import type { DurationText, SizeText } from '../units';

/** The sandbox of `sandform run GUEST|IMAGE`: alone in a stack of its own, which is gone after the run. */
export interface AdHocDescription {
  readonly app: string;
  readonly stack: string;
  readonly sandbox: string;
  /** A guest that Sandform builds, by its name; or the absolute path of a disk image. */
  readonly guest: { readonly built: string } | { readonly image: string; readonly agent: boolean };
  readonly memory?: SizeText;
  readonly vcpus?: number;
  /** After that the reaper may take it, whatever became of the run. */
  readonly ttl: DurationText;
  /** Whether it has a NIC; what passes it is closed but for DHCP. */
  readonly network: boolean;
}

/** Environment variable in which stacks/adhoc finds the description, as JSON. */
export const AD_HOC_VARIABLE = 'SANDFORM_ADHOC';

/** Whether a stack is one of an ad hoc run, by its name. */
export function isAdHocStack(name: string): boolean {
  return /^adhoc-[0-9a-f]{8}$/.test(name);
}
