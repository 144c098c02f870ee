/**
 * What a step finds missing on this machine.
 *
 * @typedef {object} Missing
 * @property {string} what what it will do about it, for the plan
 * @property {readonly string[]} [asRoot] commands that only root can run, where this process isn't root
 * @property {string} [byHand] what the user has to do, where the step can't
 *
 * One part of the set-up.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly string[]} [after] names of the steps that it needs the outcome of
 * @property {boolean} [always] run it even when nothing is missing: it looks closer than the plan does, at little cost
 * @property {() => Missing | undefined | Promise<Missing | undefined>} missing
 * @property {() => Promise<string | void>} [run] returns a remark for the user; without it, it stands in the plan alone
 */

/** A step could not do its work. */
export class StepFailure extends Error {
  /** @param {string} message @param {string} [output] the end of what a program printed @param {string} [log] */
  constructor(message, output = '', log) {
    super(message);
    this.output = output;
    this.log = log;
  }
}

/**
 * Runs steps, each as soon as those that it needs have ended, and tells as each ends how long it took.
 * After a failure no new ones begin; those that run are waited for, so that nothing goes on unseen.
 *
 * @param {readonly Step[]} steps
 * @param {(line: string) => void} say
 */
export async function runSteps(steps, say) {
  /** @type {Map<string, Promise<boolean>>} */
  const outcomes = new Map();
  let failed = false;
  const run = async (step) => {
    const needed = (step.after ?? []).flatMap((name) => outcomes.get(name) ?? []);
    if (!(await Promise.all(needed)).every(Boolean) || failed) return false;
    if (!step.run) return true;
    const begun = performance.now();
    try {
      const remark = await step.run();
      const seconds = (performance.now() - begun) / 1000;
      if (!step.always || seconds >= 1 || remark) say(`  ${seconds.toFixed(1).padStart(6)} s  ${step.name}${remark ? `: ${remark}` : ''}`);
      return true;
    } catch (error) {
      failed = true;
      say(`  failed    ${step.name}: ${error.message}`);
      if (error.output) say(indented(error.output));
      if (error.log) say(`            all of it: ${error.log}`);
      return false;
    }
  };
  for (const step of steps) outcomes.set(step.name, run(step));
  return (await Promise.all(outcomes.values())).every(Boolean);
}

/** @param {string} output */
function indented(output) {
  return output.trimEnd().split('\n').slice(-25).map((line) => `            ${line}`).join('\n');
}
