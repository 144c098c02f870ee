import { type Isolation, isolationOf } from '../../lib';
import { type ErrorDocument, SandformError } from '../../lib/errors';
import { formatAddress } from '../../lib/naming';
import { type Accelerator, type SandboxSpec, specFromMetadata } from '../../lib/spec';
import type { Domain, DomainStateName } from '../libvirt';
import { type DomainDescription, descriptionOf } from './domain-description';

/** A sandbox as it stands on a host. */
export interface DeployedSandbox {
  /** `STACK/SANDBOX` */
  readonly address: string;
  /** libvirt's name of its domain. */
  readonly domain: string;
  readonly uuid: string;
  readonly state: DomainStateName;
  /** libvirt's word for how it came to its state. */
  readonly reason: string;
  readonly spec: SandboxSpec;
  /** Of what really runs, which raw XML may have changed. */
  readonly isolation: Isolation;
  readonly birth: Date | undefined;
  /** Birth plus TTL; from then on the reaper may take it. */
  readonly expiry: Date | undefined;
}

/** A domain that says it is a sandbox, but whose description cannot be read. */
export interface BrokenSandbox {
  /** libvirt's name of the domain. */
  readonly domain: string;
  readonly uuid: string;
  readonly error: ErrorDocument;
}

/** What a domain is; undefined where it is none of ours. */
export async function sandboxOf(domain: Domain): Promise<{ sandbox: DeployedSandbox } | { broken: BrokenSandbox } | undefined> {
  const description = await descriptionOf(domain);
  if (description === undefined) return undefined;
  try {
    return { sandbox: await deployed(domain, description) };
  } catch (error) {
    if (!SandformError.is(error) || !UNREADABLE.includes(error.code)) throw error;
    return { broken: { domain: domain.name, uuid: domain.uuid, error: error.toJSON() } };
  }
}

const UNREADABLE: readonly string[] = ['SPEC_INVALID', 'SPEC_VERSION'];

async function deployed(domain: Domain, { identity, conduct, type }: DomainDescription): Promise<DeployedSandbox> {
  const spec = specFromMetadata(identity, conduct, `reading the description of domain '${domain.name}'`);
  const { state, reason } = await domain.state();
  const { birth: born, stack, sandbox } = spec.identity;
  const birth = born === undefined ? undefined : new Date(born);
  const { ttl } = spec.conduct;
  return {
    address: formatAddress({ stack, sandbox }),
    domain: domain.name,
    uuid: domain.uuid,
    state,
    reason,
    spec,
    isolation: isolationOf({ ...spec.domain, accelerator: acceleratorOf(type, spec) }),
    birth,
    expiry: birth === undefined || ttl === undefined ? undefined : new Date(birth.getTime() + ttl),
  };
}

function acceleratorOf(type: string, { domain }: SandboxSpec): Accelerator | undefined {
  return type === 'qemu' ? 'tcg' : domain.accelerator;
}
