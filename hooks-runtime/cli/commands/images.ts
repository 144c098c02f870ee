import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { type ImageLock, IMAGE_LOCK_FILE, IMAGE_LOCK_VERSION, NamedSource, PinnedImage, sourceDigest } from '../../../lib/images';
import { parsed } from '../../../lib/spec';
import { Duration, Size } from '../../../lib/units';
import type { PullOptions } from '../../store';
import { type CommandContext, durationArgument, jsonOption, uriOption } from '../command-context';
import { declaredSources, folderAbove } from '../declared-sources';
import { EXIT } from '../exit-codes';
import type { Reporter } from '../reporter';
import { createReporter } from '../reporter';
import { table } from '../table';

const UNUSED_FOR = '30d';

export function imagesCommand(context: CommandContext): Command {
  const images = new Command('images').description('image sources of a project, their lock, and the images on this machine');
  const add = (name: string, description: string): Command => images.command(name).description(description).addOption(jsonOption());
  add('lock', `pin every source of the project that is not pinned as it is declared, in ${IMAGE_LOCK_FILE}`).action(() => lock(context, () => false));
  add('update', 'pin the newest version of all sources, or of one')
    .argument('[name]', 'name of the source')
    .action((name: string | undefined) => lock(context, (candidate) => name === undefined || candidate === name, name));
  add('pull', 'bring the pinned version of every source to this machine').action(() => pull(context));
  add('verify', 'hash every image on this machine again; damaged ones are removed, and fetched again when they are needed').action(() => verify(context));
  add('ls', 'list the sources that are pinned, and the images on this machine').action(() => list(context));
  add('prune', 'remove images that nothing has used for a while and no deployed sandbox refers to')
    .option('--unused-for <duration>', 'how long', durationArgument, Duration.parse(UNUSED_FOR))
    .option('--dry-run', 'only tell what would be removed')
    .addOption(uriOption())
    .action((options: { unusedFor: Duration; dryRun?: boolean; uri?: string }) => prune(context, options));
  return images;
}

/** What constructs ask at synth: reads a source from standard input, fetches it, and prints what it is by now. */
export function fetchImageCommand(context: CommandContext): Command {
  return new Command('__fetch-image').description('what constructs ask at synth for an image that is not locked').addOption(jsonOption()).action(async () => {
    const { text } = await import('node:stream/consumers');
    const { pinned, project, ...named } = JSON.parse(await text(process.stdin)) as { pinned?: unknown; project: string };
    const { name, source } = parsed(NamedSource, named, 'INTERNAL', 'reading which image to fetch');
    const { ImageStore } = await import('../../store');
    const store = ImageStore.open();
    const options = pulling(context, createReporter({ json: false }), project);
    if (pinned !== undefined) {
      const locked = parsed(PinnedImage, pinned, 'INTERNAL', 'reading what is pinned');
      try {
        await store.pullPinned({ name, source, pinned: locked }, options);
        context.reporter.result({ pinned: locked, vanished: false }, () => '');
        return;
      } catch (error) {
        if (!SandformError.is(error) || error.code !== 'IMAGE_VANISHED') throw error;
      }
    }
    const { pinned: now, standsInFor } = await store.pull({ name, source }, options);
    context.reporter.result({ pinned: now, vanished: pinned !== undefined, ...(standsInFor === undefined ? {} : { standsIn: standsInFor.given ?? standsInFor.message }) }, () => '');
  });
}

/** @param isNewlyPinned of a source that is pinned as it is declared */
async function lock(context: CommandContext, isNewlyPinned: (name: string) => boolean, only?: string): Promise<void> {
  const { ImageStore, readProjectLock, writeProjectLock } = await import('../../store');
  const { project, sources } = await declaredSources(context.signal);
  if (only !== undefined && !sources.some(({ name }) => name === only)) {
    throw new SandformError('USAGE', { doing: 'choosing what to update', given: only, expected: sources.map(({ name }) => name).join(', ') || 'a project with image sources', fix: 'name a source as it is declared' });
  }
  const before = readProjectLock(project);
  const store = ImageStore.open();
  const after: Record<string, PinnedImage> = {};
  const changed: string[] = [];
  for (const named of sources) {
    const { name, source } = named;
    const known = before.sources[name];
    const isCurrent = known?.declaration === sourceDigest(source);
    if (known !== undefined && (isCurrent ? !isNewlyPinned(name) : only !== undefined && only !== name)) {
      after[name] = known;
      continue;
    }
    const end = context.reporter.step(`image '${name}'`);
    const { pinned, image } = await store.pull(named, pulling(context, context.reporter, project));
    end(`${pinned.digest.slice(0, 12)}, ${sizeText('kind' in image ? image.size : pinned.size)}`);
    if (JSON.stringify(known) !== JSON.stringify(pinned)) changed.push(name);
    after[name] = pinned;
  }
  const removed = Object.keys(before.sources).filter((name) => !(name in after));
  const document: ImageLock = { schemaVersion: IMAGE_LOCK_VERSION, sources: after };
  const isWritten = writeProjectLock(project, document);
  context.reporter.result({ project, written: isWritten, changed, removed, sources: after }, () => {
    if (!isWritten) return `${IMAGE_LOCK_FILE}: ${Object.keys(after).length} pinned, nothing to change`;
    return `${IMAGE_LOCK_FILE}: ${[...changed.map((name) => `pinned ${name} at ${after[name]?.digest.slice(0, 12) ?? ''}`), ...removed.map((name) => `dropped ${name}`)].join(', ')}`;
  });
}

async function pull(context: CommandContext): Promise<void> {
  const { ImageStore, readProjectLock } = await import('../../store');
  const { project, sources } = await declaredSources(context.signal);
  const locked = readProjectLock(project);
  const store = ImageStore.open();
  const pulled: { name: string; file: string; size: number }[] = [];
  for (const { name, source } of sources) {
    const pinned = locked.sources[name];
    if (pinned?.declaration !== sourceDigest(source)) throw new SandformError('IMAGE_UNLOCKED', { doing: `pulling image '${name}'`, given: `no entry for this declaration in ${IMAGE_LOCK_FILE}` });
    const end = context.reporter.step(`image '${name}'`);
    const { file, size } = await store.pullPinned({ name, source, pinned }, pulling(context, context.reporter, project));
    end(sizeText(size));
    pulled.push({ name, file, size });
  }
  context.reporter.result({ pulled }, () => `${pulled.length} here`);
}

async function verify(context: CommandContext): Promise<void> {
  const { ImageStore, damagedFiles, removeStored, storedFiles } = await import('../../store');
  const { folder } = ImageStore.open();
  const damaged = await damagedFiles(folder, context);
  for (const file of damaged) removeStored(folder, file);
  const whole = storedFiles(folder).filter(({ kind }) => kind !== 'partial').length;
  context.reporter.result({ whole, damaged: damaged.map(({ kind, name, size }) => ({ kind, name, size })) }, () => [...damaged.map(({ kind, name }) => `damaged, removed: ${kind} ${name}`), `${whole} whole`].join('\n'));
  if (damaged.length > 0) context.end(EXIT.notWell);
}

async function list(context: CommandContext): Promise<void> {
  const { ImageStore, readProjectLock, storedFiles } = await import('../../store');
  const store = ImageStore.open();
  const files = storedFiles(store.folder);
  const sources = Object.entries(lockHere(readProjectLock)).map(([name, pinned]) => ({ name, ...pinned, isHere: store.find(pinned.image) !== undefined }));
  context.reporter.result({ folder: store.folder, sources, files: files.map(({ kind, name, size, usedAt }) => ({ kind, name, size, usedAt: usedAt.toISOString() })) }, () =>
    [
      table(['SOURCE', 'DIGEST', 'SIZE', 'IS', 'HERE'], sources.map(({ name, digest, size, image, isHere }) => [name, digest.slice(0, 12), sizeText(size), kindText(image), isHere ? 'yes' : 'no'])),
      '',
      table(['FILE', 'DIGEST', 'SIZE', 'LAST USED'], files.map(({ kind, name, size, usedAt }) => [kind, name.slice(0, 12), sizeText(size), usedAt.toISOString()])),
    ].join('\n'),
  );
}

/** Pinned sources of the project that the command is run in; none outside of one. */
function lockHere(read: (project: string) => ImageLock): ImageLock['sources'] {
  let project: string;
  try {
    project = folderAbove();
  } catch {
    return {};
  }
  return read(project).sources;
}

async function prune(context: CommandContext, { unusedFor, dryRun, uri }: { unusedFor: Duration; dryRun?: boolean; uri?: string }): Promise<void> {
  const { ImageStore, forgetVersions, removeStored, unusedFiles } = await import('../../store');
  const { resolveUri } = await import('../../host');
  const { HostConnections, listAllSandboxes } = await import('../../inventory');
  const { folder } = ImageStore.open();
  await using host = await HostConnections.open(await resolveUri(uri), { readOnly: true, signal: context.signal });
  const { sandboxes } = await listAllSandboxes(host.all);
  const needed = new Set(sandboxes.flatMap(({ spec: { domain } }) => [...domain.disks.flatMap(({ image }) => image?.digest ?? []), domain.kernelBoot?.kernel.digest, domain.kernelBoot?.initrd?.digest, domain.container?.root.digest].filter((digest) => digest !== undefined)));
  const unused = unusedFiles(folder, { unusedForMs: unusedFor.milliseconds, needed });
  if (!dryRun) {
    for (const file of unused) removeStored(folder, file);
    forgetVersions(folder);
  }
  const freed = unused.reduce((sum, { size }) => sum + size, 0);
  context.reporter.result({ removed: unused.map(({ kind, name, size }) => ({ kind, name, size })), bytes: freed, dryRun: dryRun === true }, () =>
    unused.length === 0 ? 'nothing to remove' : [...unused.map(({ kind, name, size }) => `${dryRun ? 'would remove' : 'removed'} ${kind} ${name.slice(0, 12)} (${sizeText(size)})`), `${sizeText(freed)} in all`].join('\n'),
  );
}

function pulling({ signal }: CommandContext, reporter: Reporter, project: string): PullOptions {
  return {
    project,
    signal,
    onWait: (line) => reporter.note(line),
    onProgress: (progress) => {
      void import('../../store').then(({ progressLine, secondsLeft }) => reporter.progress({ ...progress, secondsLeft: secondsLeft(progress) ?? null }, () => progressLine(progress)));
    },
  };
}

function kindText(image: PinnedImage['image']): string {
  if ('format' in image) return `${image.format} ${sizeText(image.virtualSize)}`;
  return image.kind === 'oci' ? 'root filesystem, in layers' : 'root filesystem';
}

function sizeText(bytes: number): string {
  if (bytes === 0) return '0 B';
  const mebibytes = Size.bytes(bytes).mebibytes;
  return mebibytes < 1 ? `${bytes} B` : mebibytes < 1024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
