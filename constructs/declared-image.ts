import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ErrorDocument,
  IMAGE_ENVIRONMENT,
  IMAGE_LOCK_FILE,
  type ImageIndexEntry,
  ImageLock,
  type ImageReference,
  NamedSource,
  PinnedImage,
  type RootIndexEntry,
  type RootReference,
  SandformError,
  type SourceOrigin,
  cacheFolder,
  describeSource,
  imageIndexFile,
  messageOf,
  mistakesOf,
  parsed,
  printable,
  rootIndexFile,
  sourceDigest,
  storedBlobFile,
  storedDiskNote,
} from '../lib';
import { AD_HOC_VARIABLE } from '../lib/adhoc';
import { writeAtomically } from './file-digest';
import { folderWith, projectFolder } from './project';

/**
 * What the plan calls the disk of a source: what the lock says. Where the lock doesn't hold it, it is fetched now, by a program of its own, and
 * standard error says so; the lock is the user's to write.
 * @throws SandformError `PROP_INVALID`, `IMAGE_UNLOCKED`, `IMAGE_LOCK_INVALID`, and those of fetching
 */
export function declaredReference(named: NamedSource, doing: string): ImageReference {
  const origin = originOf(named, doing);
  if (origin === 'collected') return { digest: sourceDigest(named.source), format: 'qcow2', virtualSize: 1 };
  const { image } = origin.pinned;
  if (!('format' in image)) throw new SandformError('INTERNAL', { doing, given: 'a root filesystem in place of a disk' });
  note(imageIndexFile(cacheFolder(process.env), image.digest), { ...image, origin });
  return { ...image };
}

/** What the plan calls the root filesystem of a source, which says that it holds one; else as {@link declaredReference}. */
export function declaredRoot(named: NamedSource, doing: string): RootReference {
  const origin = originOf(named, doing);
  if (origin === 'collected') return { digest: sourceDigest(named.source), kind: 'tarball' };
  const { image } = origin.pinned;
  if (!('kind' in image)) throw new SandformError('INTERNAL', { doing, given: 'a disk in place of a root filesystem' });
  note(rootIndexFile(cacheFolder(process.env), image.digest), { ...image, origin });
  return { ...image };
}

function originOf(named: NamedSource, doing: string): SourceOrigin | 'collected' {
  const { name, source } = parsed(NamedSource, structuredClone(named), 'PROP_INVALID', doing);
  const { [IMAGE_ENVIRONMENT.collect]: collected } = process.env;
  if (collected) {
    appendFileSync(collected, `${JSON.stringify({ name, source })}\n`);
    return 'collected';
  }
  const project = projectFolder();
  const locked = source.kind === 'file' ? undefined : lockOf(project).sources[name];
  const isCurrent = locked?.declaration === sourceDigest(source) && 'kind' in locked.image === (source.holds === 'root');
  if (isCurrent && (source.fallback !== 'newest' || isHere(locked))) return { name, source, pinned: locked, project };
  if (!isCurrent && source.kind !== 'file') refuseUnlocked(name, locked, project, doing);
  const { pinned, vanished, standsIn } = fetched({ name, source, project, ...(isCurrent ? { pinned: locked } : {}) }, doing);
  if (vanished) say(`image '${name}': the version that ${IMAGE_LOCK_FILE} pins is gone from ${describeSource(source)}; the newest one stands in, as declared. Pin it: npx sandform images update ${name}`);
  else if (standsIn !== undefined) say(`image '${name}': ${standsIn}; the last version that this machine fetched, ${pinned.digest.slice(0, 12)}, stands in, as declared`);
  else if (!isCurrent && source.kind !== 'file') say(`image '${name}' is not locked: for now it is ${pinned.digest.slice(0, 12)} of ${describeSource(source)}${process.env[AD_HOC_VARIABLE] === undefined ? '. Pin it: npx sandform images lock' : ''}`);
  return { name, source, pinned, project };
}

function isHere({ image: { digest, ...image } }: PinnedImage): boolean {
  return existsSync(('kind' in image ? storedBlobFile : storedDiskNote)(cacheFolder(process.env), digest));
}

/** Notes on this machine where an image comes from, for the companion. */
function note(file: string, entry: ImageIndexEntry | RootIndexEntry): void {
  writeAtomically(file, `${JSON.stringify(entry)}\n`);
}

function lockOf(project: string): ImageLock {
  const file = join(project, IMAGE_LOCK_FILE);
  if (!existsSync(file)) return { schemaVersion: 1, sources: {} };
  const doing = `reading ${file}`;
  let lock: unknown;
  try {
    lock = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new SandformError('IMAGE_LOCK_INVALID', { doing, given: messageOf(cause), cause });
  }
  return parsed(ImageLock, lock, 'IMAGE_LOCK_INVALID', doing);
}

/** For what is run once, from a folder that is gone afterwards. */
const NO_LOCK_FIX = 'make a stack of it, whose sources can be locked (`npx sandform see import`), or run it without SANDFORM_IMAGES=locked';

function refuseUnlocked(name: string, locked: PinnedImage | undefined, project: string, doing: string): void {
  const context = { ...contextIn(join(project, 'cdktf.json')), ...json(process.env['CDKTF_CONTEXT_JSON']) };
  const policy = process.env[IMAGE_ENVIRONMENT.policy] || context['sandform:images'];
  if (policy !== 'locked') return;
  throw new SandformError('IMAGE_UNLOCKED', { doing, given: locked === undefined ? `no entry '${name}' in ${IMAGE_LOCK_FILE}` : `an entry '${name}' in ${IMAGE_LOCK_FILE} that was made for another declaration`, ...(process.env[AD_HOC_VARIABLE] === undefined ? {} : { fix: NO_LOCK_FIX }) });
}

function contextIn(file: string): Record<string, unknown> {
  return existsSync(file) ? ((json(readFileSync(file, 'utf8'))['context'] as Record<string, unknown> | undefined) ?? {}) : {};
}

function json(text: string | undefined): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Asks the command line, because constructs do no network I/O. Its progress is on standard error. */
function fetched(request: object, doing: string): { pinned: PinnedImage; vanished: boolean; standsIn?: string } {
  const program = join(folderWith('package.json', __dirname) ?? __dirname, 'bin', 'sandform.js');
  let answer: string;
  try {
    answer = execFileSync(process.execPath, [program, '__fetch-image', '--json'], { input: JSON.stringify(request), encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  } catch (cause) {
    const { error } = json((cause as { stdout?: string }).stdout) as { error?: ErrorDocument };
    if (error !== undefined) throw SandformError.fromJSON({ ...error, doing: `${doing}: ${error.doing}` });
    throw new SandformError('PROCESS_FAILED', { doing, given: messageOf(cause), cause });
  }
  const document = json(answer);
  if (mistakesOf(PinnedImage, document['pinned']).length > 0) throw new SandformError('PROCESS_FAILED', { doing, given: 'an answer that makes no sense' });
  const { standsIn } = document;
  return { pinned: document['pinned'] as PinnedImage, vanished: document['vanished'] === true, ...(typeof standsIn === 'string' ? { standsIn } : {}) };
}

const said = new Set<string>();

function say(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  process.stderr.write(`sandform: ${printable(line, { singleLine: true })}\n`);
}
