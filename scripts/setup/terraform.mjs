import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { goBuild } from './go-build.mjs';
import { writeProviderMirror } from './provider-mirror.mjs';
import { LOGS, cacheFolder } from './places.mjs';
import { findProgram, runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

const PROVIDER = { source: 'dmacvicar/libvirt', version: '0.8.3' };

/**
 * Terraform or OpenTofu: what is installed is used; else OpenTofu is built. The tests want OpenTofu beside Terraform.
 * @param {import('./set-up.mjs').Purpose} purpose
 * @returns {import('./steps.mjs').Step}
 */
export function terraform(purpose) {
  const log = join(LOGS, 'opentofu.log');
  return {
    name: 'OpenTofu',
    missing() {
      const isWanted = purpose === 'test' && findProgram('go') && !findProgram('tofu') && !existsSync(builtTofu());
      if (terraformProgram() && !isWanted) return undefined;
      if (findProgram('go')) return { what: `build OpenTofu with Go (${terraformProgram() ? 'the tests use it beside Terraform' : 'no Terraform or OpenTofu is installed'}): 3 to 8 minutes, once` };
      return { what: 'Terraform or OpenTofu', byHand: 'install Terraform or OpenTofu (https://opentofu.org/docs/intro/install/), or Go to build it with' };
    },
    async run() {
      const flags = ['-ldflags', '-s -w -X github.com/opentofu/opentofu/version.dev=no'];
      await goBuild({ name: 'opentofu', module: 'github.com/opentofu/opentofu/cmd/tofu', program: builtTofu(), log, flags });
    },
  };
}

/** The libvirt provider: from the registry where that gives it, else built and put into a mirror. @returns {import('./steps.mjs').Step} */
export function libvirtProvider() {
  const log = join(LOGS, 'provider.log');
  const folder = join(cacheFolder(), 'terraform');
  const cameFromRegistry = join(folder, `registry-gave-${PROVIDER.version}`);
  return {
    name: 'libvirt provider for Terraform',
    after: ['OpenTofu'],
    missing() {
      if (existsSync(join(folder, 'cli.tfrc')) || existsSync(cameFromRegistry)) return undefined;
      return { what: `the libvirt provider ${PROVIDER.version} for Terraform: from its registry, or built with Go where the registry does not give it` };
    },
    async run() {
      const canBuild = findProgram('go') !== undefined;
      const refusal = await askRegistry({ log, timeoutMs: canBuild ? 10_000 : 120_000 });
      if (refusal === undefined) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(cameFromRegistry, `${new Date().toISOString()}\n`);
        return 'from the registry';
      }
      if (!canBuild) throw new StepFailure('the registry does not give it, and Go is not installed to build it', refusal, log);
      const program = join(folder, 'terraform-provider-libvirt');
      await goBuild({ name: 'libvirt-provider', module: 'github.com/dmacvicar/terraform-provider-libvirt', program, log });
      writeProviderMirror({ folder, program, ...PROVIDER });
      return `built and put into a mirror, because the registry does not give it (${refusal})`;
    },
  };
}

function builtTofu() {
  return join(cacheFolder(), 'terraform', 'bin', 'tofu');
}

function terraformProgram() {
  const named = process.env.TERRAFORM_BINARY_NAME;
  return (named && (existsSync(named) ? named : findProgram(named))) || findProgram('terraform') || findProgram('tofu') || (existsSync(builtTofu()) ? builtTofu() : undefined);
}

/** Where cdktf has Terraform keep providers: what is fetched here need not be fetched again. */
function pluginCache() {
  return process.env.TF_PLUGIN_CACHE_DIR || join(homedir(), '.terraform.d', 'plugin-cache');
}

/** Has Terraform fetch the provider, by whatever configuration the user has. @returns {Promise<string | undefined>} why it could not */
async function askRegistry({ log, timeoutMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'sandform-provider-'));
  try {
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: { libvirt: PROVIDER } } }));
    mkdirSync(pluginCache(), { recursive: true });
    const env = { CHECKPOINT_DISABLE: '1', TF_PLUGIN_CACHE_DIR: pluginCache() };
    const { code, output } = await runProgram(terraformProgram(), ['init', '-backend=false', '-input=false', '-no-color'], { cwd: folder, log, timeoutMs, env });
    if (code === 0) return undefined;
    return code === -1 ? `no answer within ${timeoutMs / 1000} s` : reasonIn(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The end of the sentence in which Terraform tells what went wrong. @param {string} output */
function reasonIn(output) {
  const text = output.replace(/\s+/g, ' ');
  return /(no such host|connection refused|i\/o timeout|certificate[^.]*|proxy[^.]*|403 Forbidden|429 Too Many Requests)/i.exec(text)?.[1] ?? text.slice(text.indexOf('Error:'), 300);
}
