import { type SandformError } from '../errors';
import { SeeContext } from './context-document';
import type { DeclaredHook, ImageDeclaration, NetworkDeclaration, SeeDeclaration } from './declaration';
import { readContainerTemplate } from './container-template';
import { readDomainTemplate, templateType } from './domain-template';
import type { SeeFiles } from './files';
import { isTrue, readHooks } from './hooks';
import { readImage } from './image-provider';
import { readNetwork } from './network-template';
import { type SeeNote, SeeReading } from './reading';
import { unavailable } from './unavailable';

/** SEE's two configurations, parsed as JSON, and how messages call them. */
export interface SeeConfiguration {
  readonly context: { readonly where: string; readonly document: unknown };
  readonly hooks?: { readonly where: string; readonly document: unknown };
}

export interface TranslateOptions {
  readonly files: SeeFiles;
  /** Carries over what of the domain XML reaches into the host. @default false */
  readonly trusted?: boolean;
  /** Hooks to leave out. @default none */
  readonly without?: readonly string[];
}

/** What came of two configurations. */
export interface Translation {
  /** Undefined where there are mistakes. */
  readonly declaration: SeeDeclaration | undefined;
  readonly mistakes: readonly SandformError[];
  readonly notes: readonly SeeNote[];
}

/** Reads SEE's configurations into a sandbox as our constructs declare one. Every mistake is found; nothing is made. */
export function translateSee({ context, hooks }: SeeConfiguration, { files, trusted = false, without = [] }: TranslateOptions): Translation {
  const reading = new SeeReading();
  const declaredHooks = hooks === undefined ? [] : readHooks(hooks.document, { where: hooks.where, without }, reading);
  const given = reading.read(SeeContext, context.document, context.where);
  const sandbox = given === undefined ? undefined : readContext(given, { where: context.where, files, trusted }, reading);
  if (sandbox !== undefined) tellOfNeeds(declaredHooks, sandbox, reading);
  const declaration = sandbox === undefined || reading.mistakes.length > 0 ? undefined : { ...sandbox, hooks: declaredHooks };
  return { declaration, mistakes: reading.mistakes, notes: reading.notes };
}

/** What a hook needs of the sandbox, which SEE found out when its event came. */
function tellOfNeeds(hooks: readonly DeclaredHook[], { display, networks }: Omit<SeeDeclaration, 'hooks'>, reading: SeeReading): void {
  for (const { export: name, needs } of hooks) {
    if (needs.includes('screen') && !display) reading.mistake('SEE_INVALID', `hook ${name}`, { given: 'a template without graphics', expected: 'a display that pictures can be taken of', fix: "add <graphics type='vnc'/> to the template's devices" });
    if (needs.includes('network') && networks.length === 0) reading.mistake('SEE_INVALID', `hook ${name}`, { given: 'a sandbox without a network', expected: 'a network on which the agent is reached', fix: 'configure `network` in the context' });
  }
}

interface ContextOptions {
  readonly where: string;
  readonly files: SeeFiles;
  readonly trusted: boolean;
}

function readContext(context: SeeContext, { where, files, trusted }: ContextOptions, reading: SeeReading): Omit<SeeDeclaration, 'hooks'> | undefined {
  const { domain, hypervisor: uri } = context;
  if (context.name !== undefined) reading.note('meaningless', `${where}: name`, 'meant nothing in SEE either');
  const xml = files.text(domain.configuration);
  if (xml === undefined) {
    reading.mistake('SEE_INVALID', `${where}: domain.configuration`, { given: files.absolute(domain.configuration), expected: 'a domain XML that can be read', fix: 'correct the path, which counts from the working directory as in SEE' });
  }
  const type = xml === undefined ? undefined : templateType(xml);
  if (type === 'lxc' || type === 'vbox') unavailable(type, where, reading);
  if (type === 'lxc' && xml !== undefined) readContainerTemplate(xml, { where: domain.configuration, mountsAt: `${where}: domain.filesystem`, mounts: domain.filesystem, files }, reading);
  if (domain.filesystem !== undefined && type !== 'lxc') reading.note('meaningless', `${where}: domain.filesystem`, 'SEE read it for containers alone');
  const network = context.network === undefined ? undefined : readNetwork(context.network, `${where}: network`, files, reading);
  if (type === 'lxc') {
    if (context.disk !== undefined) reading.note('meaningless', `${where}: disk`, 'SEE read it for machines alone; a container has a root filesystem');
    return undefined;
  }
  if (type === 'vbox' && context.network !== undefined) reading.note('meaningless', `${where}: network`, 'SEE did not read it for VirtualBox');
  const image = readDisk(context, where, files, reading);
  if (xml === undefined || type === 'vbox') return undefined;
  const template = readDomainTemplate(xml, { where: domain.configuration, files, trusted, hasNetwork: context.network !== undefined }, reading);
  if (template === undefined || image === undefined) return undefined;
  for (const file of [template.kernel?.kernel, template.kernel?.initrd]) if (file !== undefined && files.look(file).kind !== 'file') reading.mistake('IMAGE_MISSING', `${domain.configuration}: os`, { given: file, fix: 'correct the path' });
  const networks = template.networks.map((name, index) => (index === 0 && network !== undefined ? network : { existing: name }));
  tellOfNetworks(networks, domain.configuration, reading);
  const { disks, xmlOverrides, kernel, ...rest } = template;
  return {
    ...rest,
    hypervisor: 'qemu',
    ...(uri === undefined ? {} : { uri }),
    image,
    ...(kernel === undefined ? {} : { kernel: { ...kernel, kernel: files.absolute(kernel.kernel), ...(kernel.initrd === undefined ? {} : { initrd: files.absolute(kernel.initrd) }) } }),
    disks: disks.map(({ name, file, format, bus }) => ({ name, image: { from: 'path', path: file, format }, bus })),
    networks,
    xmlOverrides,
  };
}

function readDisk({ disk }: SeeContext, where: string, files: SeeFiles, reading: SeeReading): ImageDeclaration | undefined {
  if (disk === undefined) {
    reading.mistake('SEE_INVALID', `${where}: disk`, { given: 'nothing', expected: 'the image of the disk' });
    return undefined;
  }
  const { image, clone } = disk;
  if (clone === undefined) reading.note('attention', `${where}: disk`, 'SEE wrote into the image itself; here the image is never written, and what the guest changes is gone with the sandbox');
  else {
    reading.note('meaningless', `${where}: disk.clone.storage_pool_path`, "disks lie in the pool 'sandform' of the host");
    if (!isTrue(clone.copy_on_write)) reading.note('otherwise', `${where}: disk.clone.copy_on_write`, 'an overlay instead of a full copy: the same to the guest');
  }
  const declared = readImage(image, `${where}: disk.image`, files, reading);
  if (declared !== undefined && declared.from !== 'path') unavailable(declared.from, `${where}: disk.image`, reading);
  return declared;
}

function tellOfNetworks(networks: readonly NetworkDeclaration[], where: string, reading: SeeReading): void {
  for (const [index, network] of networks.entries()) {
    if ('existing' in network && !/^[A-Za-z0-9][A-Za-z0-9_-]{0,126}$/.test(network.existing)) {
      reading.mistake('SEE_INVALID', `${where}: devices/interface[${index + 1}]/source`, { given: network.existing === '' ? 'no network' : network.existing, expected: 'the name of an existing network, of letters, digits, `_` and `-`' });
    }
  }
  if (networks.length > 0) reading.note('attention', where, 'everything may pass its NICs, as in SEE; a stack can say what the sandbox may reach instead');
}
