import { type SeeMachine, type TranslateOptions, type Translation, translateSee } from '../../../lib/see';

/** Files in memory: text, or what lies there. */
export type Files = Readonly<Record<string, string | { readonly kind: 'folder' } | { readonly kind: 'file'; readonly format: 'qcow2' | 'raw' }>>;

/** The least that a template of SEE's can be. */
export const TEMPLATE = "<domain type='kvm'><memory>524288</memory><os><type>hvm</type></os><devices><disk type='file'><target dev='vda' bus='virtio'/></disk><interface type='network'><source network='default'/></interface></devices></domain>";
export const CONTEXT = { domain: { configuration: 'domain.xml' }, disk: { image: '/images/base.qcow2' } } as const;

export const FILES: Files = { 'domain.xml': TEMPLATE, '/images/base.qcow2': { kind: 'file', format: 'qcow2' }, '/images/raw.img': { kind: 'file', format: 'raw' }, '/images': { kind: 'folder' } };

/** What becomes of configurations, with files in memory. */
export function translated(context: unknown, { hooks, files = {}, ...options }: { readonly hooks?: unknown; readonly files?: Files } & Omit<TranslateOptions, 'files'> = {}): Translation {
  const all: Files = { ...FILES, ...files };
  const plain = (path: string) => all[path] ?? all[path.replace(/^\.\//, '')];
  return translateSee(
    { context: { where: 'context.json', document: context }, ...(hooks === undefined ? {} : { hooks: { where: 'hooks.json', document: hooks } }) },
    {
      ...options,
      files: {
        absolute: (path) => (path.startsWith('/') ? path : `/here/${path}`),
        text: (path) => { const found = plain(path); return typeof found === 'string' ? found : undefined; },
        look: (path) => { const found = plain(path); return found === undefined ? { kind: 'missing' } : typeof found === 'string' ? { kind: 'file', format: 'raw' } : found; },
      },
    },
  );
}

/** The declaration of a context of QEMU. */
export function machine({ declaration, mistakes }: Translation): SeeMachine {
  if (declaration?.hypervisor !== 'qemu') throw new Error(`no machine, but ${declaration?.hypervisor ?? mistakes.map((mistake) => mistake.format()).join('\n')}`);
  return declaration;
}

/** Mistakes as `CODE place`. */
export function told({ mistakes }: Translation): string[] {
  return mistakes.map(({ code, doing }) => `${code} ${doing}`);
}
