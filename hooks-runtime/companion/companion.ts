import { COMPANION_CALLS, type CompanionCall, type CompanionInput, type CompanionMoment, type DomainInput } from '../../lib/companion';
import { SandformError } from '../../lib/errors';
import { hypervisorUri, isDriverOf } from '../../lib/naming';
import type { Hypervisor } from '../../lib/spec';
import { openSiblings } from '../inventory';
import { LibvirtConnection } from '../libvirt';
import { beginDeploy } from './begin-step';
import { writeConduct } from './conduct-step';
import { forgetDomain, prepareDomain } from './domain-step';
import { bringImage } from './image-step';
import { makeDomain } from './make-step';
import { dropReservation, reserveNetwork } from './network-step';
import { preparePool } from './pool-step';
import { releaseSandbox } from './release-step';
import { writeSeed } from './seed-step';
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
  create: { pool: preparePool, begin: beginDeploy, image: bringImage, network: reserveNetwork, domain: prepareDomain, seed: writeSeed, make: makeDomain, conduct: writeConduct, settle: settleStack, release: nothing },
  destroy: { pool: nothing, begin: nothing, image: nothing, network: dropReservation, domain: forgetDomain, seed: nothing, make: nothing, conduct: nothing, settle: nothing, release: releaseSandbox },
};

/** What is soon told apart comes first: a clash must not wait for an image to be sent. */
const ORDER: readonly Action[] = ['pool', 'begin', 'network', 'domain', 'image', 'seed', 'make', 'conduct', 'settle', 'release'];

/**
 * Does what Terraform asks of the host beside the provider's resources. Uses nothing but its input. When one thing fails,
 * what this call did before is undone.
 * @throws SandformError as the steps say
 */
export async function accompany(call: CompanionCall, moment: CompanionMoment, { defaultUri, signal, tell }: CompanionOptions): Promise<void> {
  const wanted: readonly string[] = COMPANION_CALLS[moment];
  const inputs = call.filter(({ action }) => wanted.includes(action)).sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
  const undos: Undo[] = [];
  const networkOf = (name: string) => inputs.flatMap((input) => (input.action === 'network' && input.name === name ? [input] : []))[0];
  const filters = new Map<string, string>();
  const conductOf = (uuid: string) => inputs.flatMap((input) => (input.action === 'conduct' && input.uuid === uuid ? [input.conduct] : []))[0];
  await using connections = new Connections(defaultUri, signal);
  try {
    for (const input of inputs) {
      const connection = await connections.to(input.uri, 'hypervisor' in input ? input : {});
      const context: StepContext = { connection, stack: () => connections.to(input.uri), siblings: () => connections.siblings(input.uri), conductOf, networkOf, filters, signal, tell };
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

  /** To the driver of a domain, or without one to the stack's own. */
  async to(given: string | null, { hypervisor = 'qemu', driver }: DriverChoice = {}): Promise<LibvirtConnection> {
    const stack = given ?? this.defaultUri ?? 'qemu:///system';
    const uri = driverUri(stack, hypervisor, driver);
    const connection = this.#open.get(uri) ?? (await this.#opened(uri, hypervisor));
    this.#open.set(uri, connection);
    return connection;
  }

  async #opened(uri: string, hypervisor: Hypervisor): Promise<LibvirtConnection> {
    try {
      return await LibvirtConnection.open(uri, { signal: this.signal });
    } catch (error) {
      if (hypervisor === 'qemu' || !SandformError.is(error) || error.code !== 'LIBVIRT_UNREACHABLE') throw error;
      throw new SandformError('DRIVER_UNREACHABLE', { doing: `connecting to ${uri}`, given: error.given ?? error.message, cause: error });
    }
  }

  async siblings(given: string | null): Promise<readonly LibvirtConnection[]> {
    const siblings = await openSiblings(await this.to(given), { signal: this.signal });
    return Promise.all(
      siblings.map(async (sibling) => {
        const known = this.#open.get(sibling.uri);
        if (known !== undefined) await sibling.close();
        else this.#open.set(sibling.uri, sibling);
        return known ?? sibling;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((connection) => connection.close()));
  }
}

type DriverChoice = Pick<DomainInput, 'hypervisor' | 'driver'>;

/** @throws SandformError `CONTAINER_HOST`, `DRIVER_ELSEWHERE` */
function driverUri(stack: string, hypervisor: Hypervisor, driver: string | undefined): string {
  if (hypervisor === 'qemu') return stack;
  const doing = `connecting to the ${hypervisor} driver of ${stack}`;
  const uri = hypervisor === 'other' ? driver : hypervisorUri(stack, hypervisor);
  if (uri === undefined) throw new SandformError('CONTAINER_HOST', { doing, given: stack, expected: "the machine's own libvirt, qemu:///system" });
  if (hypervisor === 'other' && !isDriverOf(stack, uri)) throw new SandformError('DRIVER_ELSEWHERE', { doing, given: uri });
  return uri;
}
