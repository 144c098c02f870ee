import type { DeployedSandbox } from '../inventory';

/** What to reap. What is taken must fit every choice that is made; `all` alone chooses everything of Sandform. */
export interface ReapSelection {
  readonly stack?: string;
  /** Only with `stack`. */
  readonly sandbox?: string;
  /** All of these, with these values. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner?: string;
  /** Past their TTL. @default false */
  readonly expired?: boolean;
  /** Also what belongs to no stack: images, processes, what cannot be read. @default false */
  readonly all?: boolean;
}

/** Whether a sandbox is chosen. */
export function isChosen({ stack, sandbox, labels = {}, owner, expired = false }: ReapSelection, { spec: { identity, conduct }, expiry }: DeployedSandbox, now: Date): boolean {
  return (
    (stack === undefined || identity.stack === stack) &&
    (sandbox === undefined || identity.sandbox === sandbox) &&
    (owner === undefined || conduct.owner === owner) &&
    Object.entries(labels).every(([key, value]) => conduct.labels[key] === value) &&
    (!expired || (expiry !== undefined && expiry <= now))
  );
}

/** Whether single sandboxes are chosen, rather than whole stacks. */
export function choosesSandboxes({ sandbox, labels, owner, expired }: ReapSelection): boolean {
  return sandbox !== undefined || labels !== undefined || owner !== undefined || expired === true;
}
