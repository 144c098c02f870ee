import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SandformError } from '../../lib/errors';
import { IMAGE_ENVIRONMENT, NamedSource, sourceDigest } from '../../lib/images';
import { parsed } from '../../lib/spec';
import { packageFolder } from '../host';

/** A project and the image sources that its app declares. */
export interface DeclaredSources {
  /** Its folder. */
  readonly project: string;
  readonly sources: readonly NamedSource[];
}

const DEADLINE_MS = 10 * 60_000;

/**
 * Runs the app of a project up to where it would write its plan, and gives the sources that it declares; nothing is written.
 * @throws SandformError `USAGE` where there is no project, `PROP_INVALID` where two sources have one name, `PROCESS_FAILED` where the app fails
 */
export async function declaredSources(signal: AbortSignal, from = process.cwd()): Promise<DeclaredSources> {
  const project = folderAbove(from);
  const { app } = JSON.parse(readFileSync(join(project, 'cdktf.json'), 'utf8')) as { app?: unknown };
  if (typeof app !== 'string') throw new SandformError('USAGE', { doing: `reading ${join(project, 'cdktf.json')}`, given: 'no app', expected: 'the command that synthesizes the app, as cdktf has it' });
  const folder = mkdtempSync(join(tmpdir(), 'sandform-sources-'));
  try {
    const collected = join(folder, 'sources');
    await run(app, project, { [IMAGE_ENVIRONMENT.collect]: collected, CDKTF_OUTDIR: join(folder, 'cdktf.out') }, signal);
    const lines = existsSync(collected) ? readFileSync(collected, 'utf8').split('\n').filter(Boolean) : [];
    return { project, sources: distinct(lines.map((line) => parsed(NamedSource, JSON.parse(line), 'INTERNAL', 'reading the sources of the app'))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder of the project that a command is run in. @throws SandformError `USAGE` */
export function folderAbove(from = process.cwd()): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cdktf.json'))) return folder;
    if (folder === dirname(folder)) throw new SandformError('USAGE', { doing: 'looking for the project', given: `no cdktf.json in ${from} or above`, expected: 'a project', fix: 'run it in the folder of a project' });
  }
}

function run(app: string, project: string, variables: Record<string, string>, signal: AbortSignal): Promise<void> {
  const bins = [join(project, 'node_modules', '.bin'), join(packageFolder(), 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(':');
  return new Promise((done, fail) => {
    // The app is a command line of the project's own, run by a shell as cdktf does.
    execFile('sh', ['-c', app], { cwd: project, env: { ...process.env, PATH: bins, ...variables }, timeout: DEADLINE_MS, killSignal: 'SIGKILL', signal, maxBuffer: 16 * 2 ** 20 }, (error, _stdout, stderr) => {
      if (error === null) done();
      else fail(new SandformError('PROCESS_FAILED', { doing: `running the app of ${project} for its image sources: ${app}`, given: stderr.trim() || error.message, expected: 'an app that synthesizes', cause: error }));
    });
  });
}

/** A source may be declared many times, but as one thing. Local files need no lock: their digest is their version. */
function distinct(all: readonly NamedSource[]): NamedSource[] {
  const byName = new Map<string, NamedSource>();
  for (const named of all) {
    const other = byName.get(named.name);
    if (other !== undefined && sourceDigest(other.source) !== sourceDigest(named.source)) {
      throw new SandformError('PROP_INVALID', { doing: `image source '${named.name}'`, given: 'two sources of this name', expected: 'one name for each', fix: 'give them names: { name: ... }' });
    }
    if (named.source.kind !== 'file') byName.set(named.name, named);
  }
  return [...byName.values()];
}
