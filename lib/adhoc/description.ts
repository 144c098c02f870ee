import type { SeeDeclaration } from '../see';
import type { DurationText, SizeText } from '../units';

/** A sandbox for one run: alone in a stack of its own, which is gone after the run. */
interface OneRunSandbox {
  readonly app: string;
  readonly stack: string;
  readonly sandbox: string;
  /** After that the reaper may take it, whatever became of the run. */
  readonly ttl: DurationText;
}

/** The sandbox of `sandform run GUEST|IMAGE`. */
export interface AdHocDescription extends OneRunSandbox {
  /** A guest that Sandform builds, by its name; or the absolute path of a disk image. */
  readonly guest: { readonly built: string } | { readonly image: string; readonly agent: boolean };
  readonly memory?: SizeText;
  readonly vcpus?: number;
  /** Whether it has a NIC; what passes it is closed but for DHCP. */
  readonly network: boolean;
}

/** The sandbox of `sandform see run`. */
export interface SeeDescription extends OneRunSandbox {
  readonly see: SeeDeclaration;
}

/** Environment variable in which stacks/adhoc finds the description, as JSON. */
export const AD_HOC_VARIABLE = 'SANDFORM_ADHOC';

/** Whether a stack is one of an ad hoc run, by its name. */
export function isAdHocStack(name: string): boolean {
  return /^adhoc-[0-9a-f]{8}$/.test(name);
}
