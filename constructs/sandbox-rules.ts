import { DomainPart, type SandformError, isDriverOf, isName, mistakesOf } from '../lib';
import { machineOf } from '../lib/domain-xml';
import { capabilityMistakes, needRules } from './capability-rules';
import { seedDocuments, seedLength } from './cloud-init';
import { type AddedHook, declaredHook, ownerRule } from './conduct';
import { constant } from './constant';
import { ROOT_DISK } from './disk';
import { egressMistakes } from './egress';
import { type Mistakes, type Rule, codedErrors } from './mistakes';
import { mountMistakes } from './mount';
import { once } from './pass';
import { otherXmlMistakes } from './defined-hypervisor';
import type { Sandbox, SandboxProps } from './sandbox';
import { SandboxNetwork } from './sandbox-network';
import { sessionSandboxMistakes } from './session-rules';
import { StackContext } from './stack-context';

/** Longest conduct that fits into one call of the companion, as JSON. */
const LONGEST_CONDUCT = 48 * 2 ** 10;
/** Longest documents of a seed: they reach the companion in an environment variable, which holds 128 KiB. */
const LONGEST_SEED = 120 * 2 ** 10;
const MEBIBYTE = 2 ** 20;
/** With 128 MiB OVMF crashes on its way to the guest. */
const LEAST_FOR_UEFI = 192 * MEBIBYTE;

/** What must hold of a sandbox, told when the app is synthesized. */
export function checkSandbox(sandbox: Sandbox, props: SandboxProps, hooks: readonly AddedHook[], mistakes: Mistakes): void {
  mistakes.check(() => nameMistakes(sandbox, mistakes));
  mistakes.rules(() => propRules(props));
  mistakes.check(() => egressMistakes(sandbox, sandbox.egress, mistakes));
  mistakes.check(() => sessionSandboxMistakes(sandbox, mistakes));
  mistakes.check(() => diskMistakes(props, mistakes));
  mistakes.check(() => mountMistakes(props.mounts ?? [], mistakes));
  mistakes.rules(() => hypervisorRules(props));
  mistakes.check(() => hookNameMistakes(hooks, mistakes));
  mistakes.check(() => props.guest.definition?.mistakes(mistakes) ?? []);
  mistakes.check(constant(() => otherXmlMistakes(sandbox.domainPart, mistakes)));
  mistakes.check(constant(() => driverMistakes(sandbox, mistakes)));
  mistakes.check(constant(() => domainMistakes(sandbox, mistakes)));
  mistakes.check(constant(() => xmlMistakes(sandbox, props, mistakes)));
  mistakes.check(() => capabilityMistakes(sandbox.domainPart, { power: props.power, hooks: hooks.map(({ hook }) => hook) }, mistakes));
  mistakes.rules(() => domainRules(sandbox, props, hooks));
  mistakes.rules(() => {
    const length = JSON.stringify(sandbox.conduct).length;
    return [[length <= LONGEST_CONDUCT, 'hooks', `${length} characters of conduct`, `at most ${LONGEST_CONDUCT}`, 'keep what hooks are configured with short, or in files of the project']];
  });
}

function nameMistakes(sandbox: Sandbox, mistakes: Mistakes): SandformError[] {
  const { sandboxName: name, domainName } = sandbox;
  if (!isName(name)) return [mistakes.mistake('NAME_INVALID', 'id', { given: name })];
  const app = sandbox.node.root;
  const [namesake] = once(app, 'sandboxes by domain', () => Map.groupBy(StackContext.sandboxesOf(app), (other) => other.domainName)).get(domainName) ?? [];
  if (namesake === undefined || namesake === sandbox) return [];
  return [mistakes.mistake('PROP_INVALID', 'id', { given: `a domain '${domainName}' like ${namesake.node.path}`, expected: 'a name on the host of its own', fix: 'rename one of them' })];
}

function propRules({ vcpus = 1, owner, power = 'on', overrides }: SandboxProps): Rule[] {
  return [
    [Number.isInteger(vcpus) && vcpus >= 1 && vcpus <= 512, 'vcpus', vcpus, 'a whole number from 1 to 512', 'correct it'],
    ownerRule(owner),
    [['on', 'managed'].includes(power), 'power', power, "'on' or 'managed'", 'choose one of them'],
    [overrides === undefined || isJson(overrides), 'overrides', 'values that are no JSON', 'JSON values', 'take out functions and the like'],
  ];
}

/** What belongs to virtual machines of QEMU, what to those of others, and what to containers. */
function hypervisorRules({ guest: { hypervisor }, mounts = [], disks = [], networks = [], rootSize, cloudInit, machine, accelerator, overrides }: SandboxProps): Rule[] {
  const machines = { disks: disks.length > 0 || undefined, rootSize, cloudInit, machine, accelerator, overrides };
  const given = Object.entries(machines).filter(([, value]) => value !== undefined).map(([name]) => name);
  const ofQemu = given.filter((name) => name !== 'disks');
  const isOther = hypervisor === 'vbox' || hypervisor === 'other';
  const own = networks.find((network) => network instanceof SandboxNetwork);
  return [
    [!isOther || ofQemu.length === 0, ofQemu[0] ?? 'guest', `${ofQemu.join(', ')} on another hypervisor than QEMU`, 'props of every hypervisor', 'leave them out; disks have the size of their images'],
    [!isOther || own === undefined, 'networks', `${own?.node.path ?? ''}, a network of QEMU and containers`, "a network of the hypervisor's own", "make it there, and name it: SandboxNetwork.fromName(stack, 'net', NAME)"],
    [hypervisor !== 'lxc' || given.length === 0, given[0] ?? 'guest', `${given.join(', ')} of a container`, 'props of containers', 'leave them out; mounts share folders'],
    [hypervisor === 'lxc' || mounts.length === 0, 'mounts', 'mounts of a virtual machine', 'a container, which alone can share folders', 'copy files in, or take Guest.container'],
  ];
}

function diskMistakes({ disks = [] }: SandboxProps, mistakes: Mistakes): SandformError[] {
  return disks.flatMap(({ name }, index) => {
    if (!isName(name)) return [mistakes.mistake('NAME_INVALID', `disk ${index + 1}`, { given: name })];
    const isFree = name !== ROOT_DISK && disks.findIndex((other) => other.name === name) === index;
    return isFree ? [] : [mistakes.mistake('PROP_INVALID', `disk ${index + 1}`, { given: name, expected: "a name of its own, other than 'root'", fix: 'rename it' })];
  });
}

function hookNameMistakes(hooks: readonly AddedHook[], mistakes: Mistakes): SandformError[] {
  const names = hooks.flatMap((added) => readable(() => declaredHook(added, mistakes).name));
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  const unfit = names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(name));
  return [
    ...twice.map((name) => mistakes.mistake('PROP_INVALID', 'hooks', { given: `two hooks '${name}'`, expected: 'a name for each', fix: 'addHook(hook, { name })' })),
    ...unfit.map((name) => mistakes.mistake('NAME_INVALID', 'hooks', { given: name })),
  ];
}

/** Where the stack names its libvirt. Where it doesn't, that is known at deploy. */
function driverMistakes(sandbox: Sandbox, mistakes: Mistakes): SandformError[] {
  const { uri } = StackContext.of(sandbox).settings;
  const driver = sandbox.domainPart.other?.uri;
  return uri === undefined || driver === undefined || isDriverOf(uri, driver) ? [] : [mistakes.mistake('DRIVER_ELSEWHERE', 'guest', { given: `${driver}, in a stack at ${uri}` })];
}

/** What the spec's schema refuses: mostly props that were given past the compiler. */
function domainMistakes(sandbox: Sandbox, mistakes: Mistakes): SandformError[] {
  return mistakesOf(DomainPart, structuredClone(sandbox.domainPart))
    .filter(({ path }) => !/^\/(name|vcpus|memory|disks\/\d+\/name|other\/(name|uri))$/.test(path))
    .map(({ path, given, expected }) => mistakes.mistake('PROP_INVALID', path.slice(1).replaceAll('/', '.'), { given, expected }));
}

/** Only overrides can bring in what a provider can't carry. */
function xmlMistakes(sandbox: Sandbox, { xmlOverrides = [] }: SandboxProps, mistakes: Mistakes): SandformError[] {
  if (xmlOverrides.length === 0) return [];
  const { name, homelessXml } = StackContext.of(sandbox).provider;
  return homelessXml(sandbox.domainPart).map((path) => mistakes.mistake('XML_UNSUPPORTED', 'xmlOverrides', { given: `${path}, with provider ${name}` }));
}

function domainRules(sandbox: Sandbox, { cloudInit, xmlOverrides = [], guest, hardware }: SandboxProps, hooks: readonly AddedHook[]): Rule[] {
  const domain = sandbox.domainPart;
  const facts = guest.facts(sandbox.node.path);
  const secureWithKernel = domain.firmware === 'uefi-secure' && domain.kernelBoot !== undefined;
  const seed = seedDocuments(guest, cloudInit, domain.name)?.();
  const seedBytes = seed === undefined ? 0 : seedLength(seed);
  const own = xmlOverrides.filter(({ path }) => /^(name|uuid|metadata)(\[|\/|$)/.test(path)).map(({ path }) => path);
  return [
    [domain.memory % MEBIBYTE === 0, 'memory', `${domain.memory} bytes`, 'whole mebibytes', 'round it, e.g. to 256MiB'],
    [cloudInit === undefined || facts.cloudInit, 'cloudInit', `documents for guest '${guest.name}'`, 'a guest that runs cloud-init', 'leave them out, or choose a guest that has it'],
    [seedBytes <= LONGEST_SEED, 'cloudInit', `documents of ${seedBytes} bytes, as JSON`, `at most ${LONGEST_SEED}`, 'bring what is large in an image, or copy it in once the guest runs'],
    [(domain.firmware ?? 'bios') === 'bios' || domain.memory >= LEAST_FOR_UEFI, 'memory', `${domain.memory / MEBIBYTE} MiB with firmware '${domain.firmware ?? 'bios'}'`, `at least ${LEAST_FOR_UEFI / MEBIBYTE} MiB`, 'give it more, or leave memory out'],
    [!secureWithKernel, 'guest', `guest '${guest.name}' with Secure Boot, whose kernel is started directly`, 'a guest that Secure Boot can check: one with signed boot loaders on its disk', "choose Guest.debian12({ firmware: 'uefi-secure' }), or firmware 'uefi'"],
    [domain.firmware !== 'uefi-secure' || /q35|^virt/.test(machineOf(domain)), 'machine', domain.machine, "a q35 machine, which alone keeps a guest from the variables of Secure Boot", "leave machine out, or use firmware 'uefi'"],
    [hardware?.macPrefixIsUsable ?? true, 'hardware.macPrefix', hardware?.macPrefix, 'three bytes in lower-case hexadecimal with colons, the first one even, e.g. 3c:52:82', 'correct it'],
    [own.length === 0, 'xmlOverrides', own, 'paths other than name, uuid and metadata, by which the sandbox is known', 'leave them out'],
    ...hooks.flatMap(({ hook }) => needRules(hook, domain)),
  ];
}

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

/** The names of hooks that could be read; what is wrong with the others is told elsewhere. */
function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    codedErrors(error);
    return [];
  }
}
