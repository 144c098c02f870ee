import { stripVTControlCharacters } from 'node:util';
import { ProgramFailed } from './child-program.mjs';

/** Does something and prints how long it took. @template T @param {string} title @param {() => Promise<T>} action @returns {Promise<T>} */
export async function timed(title, action) {
  const begun = performance.now();
  const seconds = () => ((performance.now() - begun) / 1000).toFixed(1).padStart(6);
  try {
    const outcome = await action();
    console.log(`  ${seconds()} s  ${title}`);
    return outcome;
  } catch (error) {
    console.log(`  ${seconds()} s  ${title}: failed`);
    throw error;
  }
}

/** Something was found that should not be; its message tells all. */
export class Finding extends Error {}

/** Prints what went wrong the way that a person can work with. @param {unknown} error */
export function explain(error) {
  if (error instanceof ProgramFailed) {
    console.error(`${error.message}\n${stripVTControlCharacters(error.output).trimEnd().split('\n').slice(-40).join('\n')}${error.log ? `\nall of it: ${error.log}` : ''}`);
  } else if (typeof error?.format === 'function') console.error(error.format());
  else console.error(error instanceof Finding ? error.message : error);
}
