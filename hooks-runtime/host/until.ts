import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is yes; false when the time is over. For what the kernel gives no event for. */
export async function until(condition: () => boolean | Promise<boolean>, { milliseconds, every = 25 }: { milliseconds: number; every?: number }): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() >= end) return false;
    await delay(every);
  }
  return true;
}
