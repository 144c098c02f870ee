import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';
import { isAlive, nearestAncestor, type ProcessIdentity, processIdentity } from './process-identity';
import { ownRegistryFolder, registryFolder } from './registry-folder';

const closed = { additionalProperties: false } as const;
const Identity = Type.Object({ pid: Type.Integer({ minimum: 2 }), startTime: Type.String(), bootId: Type.String() }, closed);

/** How the registry's files hold a {@link RegisteredProcess}. */
export const RegistryEntry = Type.Object(
  {
    process: Identity,
    /** What it does: `run`, `companion`, ... */
    what: Type.String({ minLength: 1, maxLength: 63 }),
    /** For whom: a stack or sandbox address, where it is for one. */
    address: Type.Optional(Type.String({ maxLength: 200 })),
    /** libvirt URI of the host that it works on. */
    uri: Type.Optional(Type.String({ maxLength: 2000 })),
    /** The process that it works for: without it, nobody waits for its result. */
    worksFor: Type.Optional(Identity),
    /** ISO 8601 in UTC. */
    startedAt: Type.String(),
  },
  closed,
);

/** One long-lived process of Sandform, as the registry lists it. */
export interface RegisteredProcess {
  readonly process: ProcessIdentity;
  /** What it does: `run`, `companion`, ... */
  readonly what: string;
  /** For whom: a stack or sandbox address, where it is for one. */
  readonly address?: string;
  /** libvirt URI of the host that it works on. */
  readonly uri?: string;
  /** The process that it works for: without it, nobody waits for its result. */
  readonly worksFor?: ProcessIdentity;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
}

/** What a process says of itself. */
export interface ProcessDescription {
  /** What it does, e.g. `run`. */
  readonly what: string;
  /** For whom: a stack or sandbox address. */
  readonly address?: string;
  /** libvirt URI of the host that it works on. @default any, as far as the reaper is concerned */
  readonly uri?: string;
  /** Names of programs of which the nearest ancestor is whom it works for, e.g. `terraform`. @default nobody */
  readonly worksFor?: readonly string[];
}

/**
 * Lists this process, so that the reaper finds it should it be left alone; disposing takes it off the list.
 * A process that is killed stays on the list until somebody looks: its identity is never given again.
 * @throws SandformError `HOST_UNSUPPORTED`
 */
export function registerProcess({ what, address, uri, worksFor }: ProcessDescription, folder = registryFolder()): Disposable {
  const self = processIdentity(process.pid);
  // Without /proc there is nothing to tell processes apart by, and so nothing to list.
  if (self === undefined) return { [Symbol.dispose]: () => undefined };
  const employer = worksFor === undefined ? undefined : nearestAncestor(process.pid, worksFor);
  const entry: Static<typeof RegistryEntry> = {
    process: self,
    what,
    ...(address === undefined ? {} : { address }),
    ...(uri === undefined ? {} : { uri }),
    ...(employer === undefined ? {} : { worksFor: employer }),
    startedAt: new Date().toISOString(),
  };
  ownRegistryFolder(folder);
  const file = join(folder, `${self.pid}-${self.startTime}-${++registrations}.json`);
  writeFileSync(`${file}.new`, JSON.stringify(entry), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

let registrations = 0;

/** The listed processes that still run. Entries of those that ended are removed on the way. */
export function registeredProcesses(folder = registryFolder()): RegisteredProcess[] {
  return filesOf(folder).flatMap((file) => {
    const entry = entryIn(file);
    if (entry !== undefined && isAlive(entry.process)) return [entry];
    rmSync(file, { force: true });
    return [];
  });
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined for what is no entry, or was removed meanwhile. */
function entryIn(file: string): RegisteredProcess | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return mistakesOf(RegistryEntry, entry).length === 0 ? (entry as RegisteredProcess) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
