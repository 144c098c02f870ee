import { COMPANION_CALLS, type CompanionCall, type CompanionInput, type CompanionMoment } from '../../lib/companion';
import { SandformError } from '../../lib/errors';
import { hypervisorUri } from '../../lib/naming';
import type { Hypervisor } from '../../lib/spec';
import { LibvirtConnection } from '../libvirt';
import { beginDeploy } from './begin-step';
import { writeConduct } from './conduct-step';
import { makeContainerOf } from './container-step';
import { forgetDomain, prepareDomain } from './domain-step';
import { bringImage } from './image-step';
import { dropReservation, reserveNetwork } from './network-step';
import { preparePool } from './pool-step';
import { releaseSandbox } from './release-step';
import { settleStack } from './settle-step';
import type { Step, StepContext, Undo } from './step';

/** What the companion needs beside its input. */
export interface CompanionOptions {
  /** @default LIBVIRT_DEFAULT_URI of this process, else `qemu:///system` */
  readonly defaultUri?: string;
  readonly signal: AbortSignal;
  /** Gets lines for people. */
  readonly tell: (line: string) => void;
}

type Action = CompanionInput['action'];
type Steps = { readonly [Name in Action]: Step<Name> };
const nothing = async (): Promise<undefined> => Promise.resolve(undefined);

const STEPS: Record<CompanionMoment, Steps> = {
  create: { pool: preparePool, begin: beginDeploy, image: bringImage, network: reserveNetwork, domain: prepareDomain, container: makeContainerOf, conduct: writeConduct, settle: settleStack, release: nothing },
  destroy: { pool: nothing, begin: nothing, image: nothing, network: dropReservation, domain: forgetDomain, container: nothing, conduct: nothing, settle: nothing, release: releaseSandbox },
};

/** What is soon told apart comes first: a clash must not wait for an image to be sent. */
const ORDER: readonly Action[] = ['pool', 'begin', 'network', 'domain', 'image', 'container', 'conduct', 'settle', 'release'];

/**
 * Does what Terraform asks of the host beside the provider's resources. Uses nothing but its input. When one thing fails,
 * what this call did before is undone.
 * @throws SandformError as the steps say
 */
export async function accompany(call: CompanionCall, moment: CompanionMoment, { defaultUri, signal, tell }: CompanionOptions): Promise<void> {
  const wanted: readonly string[] = COMPANION_CALLS[moment];
  const inputs = call.filter(({ action }) => wanted.includes(action)).sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
  const undos: Undo[] = [];
  await using connections = new Connections(defaultUri, signal);
  try {
    for (const input of inputs) {
      const context: StepContext = { connection: await connections.to(input.uri, 'hypervisor' in input ? input.hypervisor : undefined), containers: () => connections.containers(input.uri), signal, tell };
      const undo = await (STEPS[moment][input.action] as Step)(context, input);
      if (undo !== undefined) undos.push(undo);
    }
  } catch (error) {
    await undone(undos.reverse(), tell);
    throw error;
  }
}

/** What cannot be undone now is left to the reaper; what failed first is what is told. */
async function undone(undos: readonly Undo[], tell: (line: string) => void): Promise<void> {
  for (const undo of undos) {
    try {
      await undo();
    } catch (error) {
      tell(SandformError.from(error, 'undoing a step').message);
    }
  }
}

/** One connection for each URI, opened when it is first needed. */
class Connections implements AsyncDisposable {
  readonly #open = new Map<string, LibvirtConnection>();

  constructor(
    private readonly defaultUri: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  async to(given: string | null, hypervisor: Hypervisor = 'qemu'): Promise<LibvirtConnection> {
    const stack = given ?? this.defaultUri ?? 'qemu:///system';
    const uri = hypervisor === 'qemu' ? stack : hypervisorUri(stack, hypervisor);
    if (uri === undefined) throw new SandformError('CONTAINER_HOST', { doing: `connecting to the ${hypervisor} driver of ${stack}`, given: stack, expected: "the machine's own libvirt, qemu:///system" });
    const connection = this.#open.get(uri) ?? (await LibvirtConnection.open(uri, { signal: this.signal }));
    this.#open.set(uri, connection);
    return connection;
  }

  async containers(given: string | null): Promise<LibvirtConnection | undefined> {
    try {
      return await this.to(given, 'lxc');
    } catch (error) {
      if (SandformError.is(error) && (error.code === 'LIBVIRT_UNREACHABLE' || error.code === 'CONTAINER_HOST')) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((connection) => connection.close()));
  }
}
