import { createInterface } from 'node:readline/promises';
import { aptPackages } from './apt-packages.mjs';
import { builtPackage } from './built-package.mjs';
import { guest } from './guests.mjs';
import { goServers, openStack } from './image-servers.mjs';
import { libvirt } from './libvirt.mjs';
import { libvirtSchemas } from './libvirt-schemas.mjs';
import { nodeModules } from './node-modules.mjs';
import { runSteps } from './steps.mjs';
import { sshServer } from './ssh-server.mjs';
import { libvirtProvider, terraform } from './terraform.mjs';

/** @typedef {'quickstart' | 'test' | 'bench'} Purpose */

/** Ends the program with one message for the user and no stack. */
export class SetUpStopped extends Error {}

/**
 * Brings this machine to where the main job can run. Tells first what is missing and what it would do; asks on a
 * terminal; goes ahead with `--yes`, under CI and where there is no terminal to ask on. What is there is left alone.
 *
 * @param {Purpose} purpose
 * @param {readonly string[]} args of the command line
 * @param {(line: string) => void} [say]
 */
export async function setUp(purpose, args, say = console.log) {
  const begun = performance.now();
  const steps = stepsFor(purpose);
  const findings = await Promise.all(steps.map(async (step) => ({ step, missing: await step.missing() })));
  const lacking = findings.filter(({ missing }) => missing);
  if (lacking.length === 0) say('Set-up: all is there.');
  else {
    say('Set-up. This is missing:');
    for (const { missing } of lacking) say(`  - ${missing.what}`);
  }
  stopForRoot(lacking);
  if (args.includes('--plan')) throw new SetUpStopped('--plan: nothing was done.');
  if (lacking.length > 0) await consent(args, say);
  const todo = findings.filter(({ step, missing }) => missing || step.always).map(({ step }) => step);
  if (!(await runSteps(todo, say))) throw new SetUpStopped('Set-up failed; what was done so far stays, and the next run goes on from there.');
  if (lacking.length > 0) say(`Set-up took ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
}

/** @param {Purpose} purpose @returns {import('./steps.mjs').Step[]} those that others wait for come first */
function stepsFor(purpose) {
  const guests = purpose === 'quickstart' ? [guest('micro')] : [guest('micro'), guest('debian12'), ...(purpose === 'test' ? [guest('debian12-uefi')] : [])];
  return [aptPackages(purpose), nodeModules(), terraform(purpose), libvirtProvider(), builtPackage(), ...guests, ...(purpose === 'test' ? [libvirtSchemas(), openStack(), goServers(), sshServer()] : []), libvirt(purpose)];
}

/** @param {{ missing: import('./steps.mjs').Missing }[]} lacking */
function stopForRoot(lacking) {
  const asRoot = lacking.flatMap(({ missing }) => missing.asRoot ?? []);
  const byHand = lacking.flatMap(({ missing }) => missing.byHand ?? []);
  if (asRoot.length === 0 && byHand.length === 0) return;
  const commands = asRoot.length === 0 ? [] : ['You are not root. Run these as root, then run this again:', ...asRoot.map((command) => `  ${command}`)];
  throw new SetUpStopped([...commands, ...byHand].join('\n'));
}

/** @param {readonly string[]} args @param {(line: string) => void} say */
async function consent(args, say) {
  // npm takes the flag for itself where it is written before `--`.
  if (args.includes('--yes') || process.env.npm_config_yes === 'true') return;
  if (process.env.CI && process.env.CI !== 'false') return say('CI is set: going ahead.');
  if (!process.stdin.isTTY || !process.stdout.isTTY) return say('There is no terminal to ask on: going ahead. (--plan shows this and does nothing.)');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('Go ahead? [Y/n] ');
    if (/^n/i.test(answer.trim())) throw new SetUpStopped('Nothing was done.');
  } finally {
    terminal.close();
  }
}
