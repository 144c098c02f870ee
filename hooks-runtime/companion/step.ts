import type { CompanionInput, NetworkInput } from '../../lib/companion';
import type { Conduct } from '../../lib/spec';
import type { LibvirtConnection } from '../libvirt';

/** What every step gets. */
export interface StepContext {
  readonly connection: LibvirtConnection;
  /** To the stack's own libvirt, where it has its networks and its pool. */
  readonly stack: () => Promise<LibvirtConnection>;
  /** To the other drivers of the same libvirt: that of containers, and those on which there are sandboxes. */
  readonly siblings: () => Promise<readonly LibvirtConnection[]>;
  /** The conduct that this call writes into a domain later, by its UUID. */
  readonly conductOf: (uuid: string) => Conduct | undefined;
  /** The network of this name that this call makes room for. */
  readonly networkOf: (name: string) => NetworkInput | undefined;
  /** The network filters that this call has written, by their names. */
  readonly filters: Map<string, string>;
  /** Aborts when Terraform is interrupted or the call's time is over. */
  readonly signal: AbortSignal;
  /** Tells people what is going on, one line. */
  readonly tell: (line: string) => void;
}

/** Takes back what a step did, for when a later one fails: Terraform runs no destroy step after a create step that failed. */
export type Undo = () => Promise<void>;

/** Does one thing of a call. Idempotent. A step that fails has left nothing behind. */
export type Step<Action extends CompanionInput['action'] = CompanionInput['action']> = (context: StepContext, input: Extract<CompanionInput, { action: Action }>) => Promise<Undo | undefined>;
