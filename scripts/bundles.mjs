/**
 * Makes one file of what is made of hundreds, and is started often: the companion with its threads, which Terraform starts several times in a deploy,
 * and the packages behind lib/schema, which every process loads. Looking for their files would be half of what a start costs. Part of `npm run build`.
 * Licenses of what is bundled go beside it.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** The companion has no copy of lib/schema, which has its compiled schemas beside it. */
const ONE_SCHEMA = { name: 'lib/schema', setup: ({ onResolve }) => onResolve({ filter: /^(\.\.\/)+(lib\/)?schema$/ }, () => ({ path: '../lib/schema/index.js', external: true })) };

// Threads are started by the names of their files.
await bundle('dist/companion', ['hooks-runtime/companion/main.ts', 'hooks-runtime/libvirt/threads/call-thread.ts', 'hooks-runtime/libvirt/threads/event-thread.ts']);
// In the place of what tsc made of it.
await bundle('dist/lib/schema', ['lib/schema/index.ts']);

/** @param {string} folder that it makes @param {string[]} entryPoints each becomes a file of its name */
async function bundle(folder, entryPoints) {
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints,
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node22',
    // Native code, and what few deploys need.
    external: ['koffi', 'tsx', 'undici', '@aws-sdk/client-s3', 'yaml'],
    logOverride: { 'require-resolve-not-external': 'silent' },
    logLevel: 'warning',
    plugins: folder === 'dist/companion' ? [ONE_SCHEMA] : [],
    metafile: true,
  });
  const packages = new Set(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs).flatMap((file) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])));
  const notices = [...packages].sort().map((name) => `${name.replace(/.*node_modules\//, '')}\n\n${license(`${PROJECT}/${name}`)}`);
  writeFileSync(`${PROJECT}/${folder}/third-party-licenses.txt`, notices.join(`\n${'-'.repeat(80)}\n`));
}

/** Its text, or its name where the package has none. @param {string} folder of a package */
function license(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).license : readFileSync(`${folder}/${file}`, 'utf8').trim();
}
