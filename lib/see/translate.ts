import { lackOf } from '../capabilities';
import { type SandformError } from '../errors';
import { SeeContext } from './context-document';
import type { ContextReading, ReadContext } from './context-reading';
import { readContainer } from './container-context';
import type { DeclaredHook, SeeDeclaration } from './declaration';
import { templateType } from './domain-template';
import type { SeeFiles } from './files';
import { readHooks } from './hooks';
import type { ImageLogin } from './image-login';
import { readMachine } from './machine-context';
import { readNetwork } from './network-template';
import { type SeeNote, SeeReading } from './reading';
import { readVirtualBox } from './virtualbox-context';

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
  /** What only the process that fetches the image may see. */
  readonly login?: ImageLogin;
  readonly mistakes: readonly SandformError[];
  readonly notes: readonly SeeNote[];
}

/** Reads SEE's configurations into a sandbox as our constructs declare one. Every mistake is found; nothing is made. */
export function translateSee({ context, hooks }: SeeConfiguration, { files, trusted = false, without = [] }: TranslateOptions): Translation {
  const reading = new SeeReading();
  const declaredHooks = hooks === undefined ? [] : readHooks(hooks.document, { where: hooks.where, without }, reading);
  const given = reading.read(SeeContext, context.document, context.where);
  const read = given === undefined ? undefined : readContext(given, { where: context.where, files, trusted }, reading);
  if (read !== undefined) tellOfNeeds(declaredHooks, read.sandbox, reading);
  const declaration = read === undefined || reading.mistakes.length > 0 ? undefined : { ...read.sandbox, hooks: declaredHooks };
  return { declaration, ...(read?.login === undefined ? {} : { login: read.login }), mistakes: reading.mistakes, notes: reading.notes };
}

/** What a hook needs of the sandbox, which SEE found out when its event came. */
function tellOfNeeds(hooks: readonly DeclaredHook[], sandbox: ReadContext['sandbox'], reading: SeeReading): void {
  const { hypervisor, networks } = sandbox;
  for (const { export: name, needs } of hooks) {
    for (const need of needs) {
      const lack = lackOf({ hypervisor }, need);
      if (lack !== undefined) reading.mistake('CAPABILITY_MISSING', `hook ${name}`, { given: `${name}, which needs ${lack}`, fix: 'leave it out by `--without`, or choose another hypervisor' });
    }
    if (needs.includes('screen') && sandbox.hypervisor !== 'lxc' && !sandbox.display) reading.mistake('SEE_INVALID', `hook ${name}`, { given: 'a template without graphics', expected: 'a display that pictures can be taken of', fix: "add <graphics type='vnc'/> to the template's devices" });
    if (hypervisor === 'vbox' && name === 'SeeAgent') reading.mistake('SEE_UNOFFERED', `hook ${name}`, { given: 'an agent in a machine of VirtualBox, which tells no addresses', expected: 'a sandbox whose address is known', fix: 'leave the hook out by `--without`, or use a QEMU domain' });
    if (needs.includes('network') && networks.length === 0) reading.mistake('SEE_INVALID', `hook ${name}`, { given: 'a sandbox without a network', expected: 'a network on which the agent is reached', fix: 'configure `network` in the context' });
  }
}

function readContext(context: SeeContext, { where, files, trusted }: Pick<ContextReading, 'where' | 'files' | 'trusted'>, reading: SeeReading): ReadContext | undefined {
  if (context.name !== undefined) reading.note('meaningless', `${where}: name`, 'meant nothing in SEE either');
  const xml = files.text(context.domain.configuration);
  if (xml === undefined) {
    reading.mistake('SEE_INVALID', `${where}: domain.configuration`, { given: files.absolute(context.domain.configuration), expected: 'a domain XML that can be read', fix: 'correct the path, which counts from the working directory as in SEE' });
  }
  const network = context.network === undefined ? undefined : readNetwork(context.network, `${where}: network`, files, reading);
  const read = READERS[(xml === undefined ? undefined : templateType(xml)) ?? ''] ?? readMachine;
  return read({ context, where, xml, network, files, trusted }, reading);
}

/** By the type of the template's domain; what is none of these is told as a mistake of a machine's. */
const READERS: Readonly<Record<string, (begun: ContextReading, reading: SeeReading) => ReadContext | undefined>> = {
  kvm: readMachine,
  qemu: readMachine,
  lxc: readContainer,
  vbox: readVirtualBox,
};
