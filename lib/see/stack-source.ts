import { relative } from 'node:path';
import { type ImageDeclaration, type NetworkDeclaration, type SeeContainer, type SeeDeclaration, type SeeMachine, type SeeVirtualBox, mountSource } from './declaration';
import type { ImageLogin } from './image-login';
import type { SeeNote } from './reading';

export interface StackSourceOptions {
  /** Name of the stack. */
  readonly stack: string;
  /** Files that it was made from, as they were named. */
  readonly sources: readonly string[];
  /** Absolute path of the project that it is written for: what lies in it is named from there. */
  readonly project: string;
  readonly notes: readonly SeeNote[];
  /** How its image is logged in at; the program names the variables, and nothing of their values. */
  readonly login?: ImageLogin;
}

/** A TypeScript program that declares the sandbox of a translated configuration, for whoever goes on from there. */
export function stackSource(declaration: SeeDeclaration, { stack, sources, project, notes, login }: StackSourceOptions): string {
  const { networks, hooks } = declaration;
  const named = networks.map((network, index) => ({ network, name: index === 0 ? 'net' : `net${index + 1}` }));
  const own = named.some(({ network }) => !('existing' in network));
  const constructs = ['Guest', declaration.hypervisor === 'lxc' ? 'RootFilesystem' : 'Image', 'Sandbox', ...(own || networks.length > 0 ? ['SandboxNetwork'] : []), 'SandboxStack'];
  const hookNames = [...new Set(hooks.map((hook) => hook.export))].sort();
  const lines = [
    "import { App } from 'cdktf';",
    `import { ${constructs.join(', ')} } from 'sandform';`,
    ...(hookNames.length === 0 ? [] : [`import { ${hookNames.join(', ')} } from 'sandform/hooks';`]),
    '',
    ...comment(`Made by \`sandform see import\` from ${sources.join(' and ')}.`, notes),
    ...loginComment(login, sources[0] ?? ''),
    'const app = new App();',
    `const stack = new SandboxStack(app, ${literal(stack)}${objectOrNothing(stackProps(declaration))});`,
    ...named.map(({ network, name }) => networkSource(network, name)),
    'const sandbox = new Sandbox(stack, \'sandbox\', {',
    ...sandboxProps(declaration, named.map(({ name }) => name), { stack, project }).map((line) => `  ${line},`),
    '});',
    ...hooks.map((hook) => `sandbox.addHook(new ${hook.export}(${literal(hook.config)}));`),
    'app.synth();',
    '',
  ];
  return lines.join('\n');
}

function loginComment(login: ImageLogin | undefined, source: string): string[] {
  const names = Object.keys(login?.variables ?? {});
  return names.length === 0 ? [] : [`// Whoever synthesizes it fetches the image, and logs in by ${names.join(', ')}: set them to what provider_configuration in ${oneLine(source)} says.`];
}

function comment(first: string, notes: readonly SeeNote[]): string[] {
  const told = notes.map(({ where, text }) => `// - ${oneLine(where)}: ${oneLine(text)}`);
  return [`// ${oneLine(first)}`, ...(told.length === 0 ? [] : ['// What is otherwise than in SEE:', ...told])];
}

/** Text of the files must not end a comment. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

function stackProps({ uri, networks }: SeeDeclaration): Record<string, unknown> {
  const picks = networks.flatMap((network) => ('existing' in network || network.pick === undefined ? [] : [network.pick]));
  return { ...(uri === undefined ? {} : { uri }), ...(picks[0] === undefined || !isPickedByStack(picks[0]) ? {} : { subnets: picks[0].range }) };
}

/** A stack picks subnets of /24, or the whole range where that is smaller. */
function isPickedByStack({ range, prefix }: { readonly range: string; readonly prefix: number }): boolean {
  const bits = Number(range.split('/')[1]);
  return prefix === Math.max(24, bits);
}

function networkSource(network: NetworkDeclaration, name: string): string {
  if ('existing' in network) return `const ${name} = SandboxNetwork.fromName(stack, ${literal(name)}, ${literal(network.existing)});`;
  return `const ${name} = new SandboxNetwork(stack, ${literal(name)}, ${literal(ownNetworkProps(network))});`;
}

/** Props of a SandboxNetwork. */
export function ownNetworkProps({ forward, bridge, subnet, pick, ipv6 }: Exclude<NetworkDeclaration, { readonly existing: string }>): Record<string, unknown> {
  const fixed = subnet ?? (pick === undefined || isPickedByStack(pick) ? undefined : `${pick.range.split('/')[0] ?? ''}/${pick.prefix}`);
  return {
    forward,
    ...(bridge === undefined ? {} : { bridge }),
    ...(fixed === undefined ? {} : { subnet: fixed }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    // As libvirt's networks do by themselves, and SEE's did.
    ...(forward === 'bridge' ? {} : { dns: 'forward' }),
  };
}

interface Place {
  readonly stack: string;
  readonly project: string;
}

function sandboxProps(declaration: SeeDeclaration, networks: readonly string[], place: Place): string[] {
  const { memory, vcpus } = declaration;
  return [
    `guest: ${guestSource(declaration, place)}`,
    `memory: ${literal(memory)}`,
    ...(vcpus === 1 ? [] : [`vcpus: ${vcpus}`]),
    ...(declaration.hypervisor === 'qemu' ? machineProps(declaration, place) : []),
    ...(declaration.hypervisor === 'vbox' && !declaration.display ? ['display: false'] : []),
    ...(networks.length === 0 ? [] : [`networks: [${networks.join(', ')}]`, "egress: 'open'"]),
    ...(declaration.hypervisor === 'lxc' ? mountProps(declaration, place) : []),
    // Off until a run powers it on, as SEE's were after allocate.
    "power: 'managed'",
    ...(declaration.hypervisor !== 'qemu' || declaration.xmlOverrides.length === 0 ? [] : [`xmlOverrides: [\n${declaration.xmlOverrides.map((override) => `    ${literal(override)},`).join('\n')}\n  ]`]),
  ];
}

function guestSource(declaration: SeeDeclaration, place: Place): string {
  if (declaration.hypervisor === 'lxc') return containerSource(declaration, place);
  return declaration.hypervisor === 'vbox' ? virtualBoxSource(declaration, place) : machineSource(declaration, place);
}

function virtualBoxSource({ image, arch }: SeeVirtualBox, { project }: Place): string {
  return `Guest.virtualBox(${imageSource(image, project)}${objectOrNothing(arch === 'x86_64' ? {} : { arch })})`;
}

function containerSource({ root, init, arch }: SeeContainer, { project }: Place): string {
  return `Guest.container(RootFilesystem.fromDirectory(${literal(fromProject(root, project))}), ${literal({ init, ...(arch === 'x86_64' ? {} : { arch }) })})`;
}

function mountProps({ mounts }: SeeContainer, { stack }: Place): string[] {
  const all = mounts.map((mount) => ({ source: mountSource(mount, stack), target: mount.target, ...(mount.readonly ? {} : { readonly: false }) }));
  return all.length === 0 ? [] : [`mounts: [${all.map(literal).join(', ')}]`];
}

function machineSource(declaration: SeeMachine, { project }: Place): string {
  return `Guest.fromImage(${imageSource(declaration.image, project)}${objectOrNothing(guestProps(declaration, project))})`;
}

function machineProps({ machine, accelerator, display, disks }: SeeMachine, { project }: Place): string[] {
  return [
    ...(machine === undefined ? [] : [`machine: ${literal(machine)}`]),
    ...(accelerator === undefined ? [] : [`accelerator: ${literal(accelerator)}`]),
    ...(display ? [] : ['display: false']),
    ...(disks.length === 0 ? [] : [`disks: [${disks.map(({ name, image, bus }) => `{ name: ${literal(name)}, image: ${imageSource(image, project)}, bus: ${literal(bus)} }`).join(', ')}]`]),
  ];
}

function guestProps({ agent, arch, kernel }: SeeMachine, project: string): Record<string, unknown> {
  const { kernel: file, initrd, cmdline } = kernel ?? {};
  return {
    ...(agent ? { agent } : {}),
    ...(arch === 'x86_64' ? {} : { arch }),
    ...(file === undefined ? {} : { kernel: fromProject(file, project) }),
    ...(initrd === undefined ? {} : { initrd: fromProject(initrd, project) }),
    ...(cmdline === undefined ? {} : { cmdline }),
  };
}

function imageSource(image: ImageDeclaration, project: string): string {
  if (image.from === 'glance') return `Image.fromGlance(${literal(image.choice)}, ${literal(image.options)})`;
  if (image.from === 's3') return `Image.fromS3(${literal(image.choice)}${objectOrNothing(image.options)})`;
  return `Image.fromPath(${literal(fromProject(image.path, project))}${objectOrNothing(image.format === 'raw' ? { format: 'raw' } : {})})`;
}

/** A path of the project from there, any other as it is. */
function fromProject(path: string, project: string): string {
  const inside = relative(project, path);
  return inside === '' || inside.startsWith('..') ? path : `./${inside}`;
}

function objectOrNothing(value: Record<string, unknown>): string {
  return Object.keys(value).length === 0 ? '' : `, ${literal(value)}`;
}

/** JSON values as people write them in TypeScript. */
function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${/^[A-Za-z_$][\w$]*$/.test(key) && key !== '__proto__' ? key : quoted(key)}: ${literal(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function quoted(text: string): string {
  const json = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${json.replace(/[\u2028\u2029]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`)}'`;
}
