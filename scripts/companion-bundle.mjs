/**
 * Bundles the companion and its threads into dist/companion; part of `npm run build`. Terraform starts it several times in a deploy, and looking for its
 * five hundred files would be half of what each start costs. Licenses of what it is bundled with go beside it.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = 'dist/companion';

const { metafile } = await build({
  absWorkingDir: PROJECT,
  // Threads are started by the names of their files.
  entryPoints: ['hooks-runtime/companion/main.ts', 'hooks-runtime/libvirt/threads/call-thread.ts', 'hooks-runtime/libvirt/threads/event-thread.ts'],
  entryNames: '[name]',
  outdir: FOLDER,
  bundle: true,
  platform: 'node',
  target: 'node22',
  // Native code, and what few deploys need.
  external: ['koffi', 'tsx', 'undici', '@aws-sdk/client-s3', 'yaml'],
  logOverride: { 'require-resolve-not-external': 'silent' },
  logLevel: 'warning',
  metafile: true,
});

const packages = new Set(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs).flatMap((file) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])));
const notices = [...packages].sort().map((folder) => `${folder.replace(/.*node_modules\//, '')}\n\n${license(`${PROJECT}/${folder}`)}`);
writeFileSync(`${PROJECT}/${FOLDER}/third-party-licenses.txt`, notices.join(`\n${'-'.repeat(80)}\n`));

/** Its text, or its name where the package has none. @param {string} folder of a package */
function license(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).license : readFileSync(`${folder}/${file}`, 'utf8').trim();
}
