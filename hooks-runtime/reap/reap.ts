import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { type PrunedBase, prunableBases } from '../images';
import { HostConnections, allNoted, forget, noted } from '../inventory';
import { removeAbandoned, unusedRoots } from '../containers';
import { deadLocks } from '../locking';
import { type Holdings, holdingsOf } from './holdings';
import { runItems } from './interrupted-runs';
import { processItems } from './orphans';
import { planReap } from './plan-reap';
import type { ReapedKind, ReapedThing, ReapItem } from './reap-item';
import { choosesSandboxes, type ReapSelection } from './selection';

export interface ReapOptions {
  readonly uri: string;
  readonly selection: ReapSelection;
  /** Only tell what would be removed. @default false */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Where run records are kept. @default as the record room chooses: SANDFORM_RUNS, else the project's */
  readonly runs?: string;
}

/** What was done, or with a dry run what would be. */
export interface ReapReport {
  readonly dryRun: boolean;
  readonly removed: readonly ReapedThing[];
  /** What could not be removed, each with `REAP_INCOMPLETE`; its cause tells why. */
  readonly failed: readonly (ReapedThing & { readonly error: SandformError })[];
}

/** How many things of a kind are removed at once: powering a guest off mostly waits. */
const AT_ONCE = 4;

/**
 * Removes what sandboxes left on a host, from libvirt alone: domains in whatever state with their volumes, networks,
 * reservations, filters; with everything chosen also images that nothing refers to, and processes. Ends the records of
 * killed runs. May be repeated; one failure does not stop the rest.
 *
 * The pool itself stays, even empty: Terraform's provider can neither plan nor destroy with a state that names a volume of a
 * pool that is gone.
 * @throws SandformError `LIBVIRT_*` where the host cannot be looked at, `INTERRUPTED`
 */
export async function reap({ uri, selection, dryRun = false, signal, runs }: ReapOptions): Promise<ReapReport> {
  await using host = await HostConnections.open(uri, signal === undefined ? {} : { signal });
  const { main: connection } = host;
  const reaping = new Reaping(dryRun, signal);
  // Whoever works on a stack would make anew what is removed: processes go first, and only then is looked what there is.
  await reaping.remove(processItems(uri, selection));
  const holdings = await holdingsOf(connection, host.all.slice(1));
  const planned = planReap(host, holdings, selection, new Date());
  for (const kinds of PHASES) await reaping.remove(planned.filter(({ kind }) => kinds.includes(kind)));
  if (!choosesSandboxes(selection) && selection.stack === undefined) {
    await reaping.remove((await prunableBases(connection, { unusedFor: 0, without: planned })).map(imageItem));
    await reaping.remove(await rootItems(holdings, planned));
    await reaping.remove(await noteItems(host));
  }
  await reaping.remove((await deadLocks(connection)).map(({ key, remove }): ReapItem => ({ kind: 'lock', name: key, remove })));
  await reaping.remove(await runItems(selection, runs));
  return reaping.report;
}

const PHASES: readonly (readonly ReapedKind[])[] = [['marker'], ['domain'], ['volume'], ['root', 'folder'], ['network'], ['reservation', 'filter', 'note']];

function imageItem({ volume, remove }: PrunedBase): ReapItem {
  return { kind: 'image', name: volume, remove };
}

/** Notes of domains that are gone, from drivers that were asked. */
async function noteItems({ all }: HostConnections): Promise<ReapItem[]> {
  const items: ReapItem[] = [];
  for (const uuid of await allNoted()) {
    const kept = await noted(uuid);
    const driver = all.find(({ uri }) => uri === kept?.uri);
    if (kept !== undefined && driver !== undefined && (await driver.domains.findByUuid(uuid)) === undefined) items.push({ kind: 'note', name: kept.domain, remove: () => forget(uuid) });
  }
  return items;
}

/** Unpacked root filesystems that no container is over once what is planned has gone. */
async function rootItems({ containers: { folders }, sandboxes }: Holdings, planned: readonly ReapItem[]): Promise<ReapItem[]> {
  if (folders === undefined) return [];
  const going = new Set(planned.flatMap(({ kind, name }) => (kind === 'domain' ? [name] : [])));
  const staying = sandboxes.flatMap(({ domain, spec }) => (going.has(domain) ? [] : (spec.domain.container ?? [])));
  await removeAbandoned(folders);
  return (await unusedRoots(folders, staying)).map((name) => ({ kind: 'image', name: `root ${name}`, remove: () => rm(join(folders.roots, name), { recursive: true, force: true }) }));
}

/** Removes things and keeps the account. */
class Reaping {
  readonly #removed: ReapedThing[] = [];
  readonly #failed: (ReapedThing & { error: SandformError })[] = [];

  constructor(
    private readonly dryRun: boolean,
    private readonly signal: AbortSignal | undefined,
  ) {}

  get report(): ReapReport {
    return { dryRun: this.dryRun, removed: this.#removed, failed: this.#failed };
  }

  async remove(items: readonly ReapItem[]): Promise<void> {
    const queue = [...items];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let item = queue.shift(); item !== undefined; item = queue.shift()) await this.#removeOne(item);
      }),
    );
  }

  async #removeOne({ kind, name, stack, after, remove }: ReapItem): Promise<void> {
    if (this.signal?.aborted) throw new SandformError('INTERRUPTED', { doing: 'reaping', cause: this.signal.reason });
    // A disk of a domain that is still there stays with it.
    if (after !== undefined && this.#failed.some((failure) => failure.kind === 'domain' && failure.name === after)) return;
    const thing: ReapedThing = { kind, name, ...(stack === undefined ? {} : { stack }) };
    try {
      if (this.dryRun || (await remove()) !== false) this.#removed.push(thing);
    } catch (error) {
      if (SandformError.is(error) && error.code === 'LIBVIRT_LOST') throw error;
      if (SandformError.is(error) && error.code === 'LIBVIRT_NOT_FOUND') return;
      const cause = SandformError.from(error, `removing ${kind} '${name}'`);
      this.#failed.push({ ...thing, error: new SandformError('REAP_INCOMPLETE', { doing: `removing ${kind} '${name}'`, given: cause.given ?? cause.message, cause, details: { cause: cause.toJSON() } }) });
    }
  }
}
