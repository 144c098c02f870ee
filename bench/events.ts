import { EventBus } from '../hooks-runtime/events';
import type { Measurement } from './measurement';
import type { SeePeer } from './see-peer';

const COUNT = 20_000;
const ROUNDS = 7;

/** Events per second through the bus of one sandbox, with one synchronous handler each of ten hooks. */
export async function events(see: SeePeer): Promise<Measurement> {
  const bus = new EventBus();
  let seen = 0;
  for (let hook = 0; hook < 10; hook++) bus.on('tick', () => void seen++, { subscriber: `hook-${hook}` });
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let number = 0; number < COUNT; number++) await bus.emit('tick', { number });
    ours.push(COUNT / ((performance.now() - start) / 1000));
  }
  if (seen !== 10 * COUNT * ROUNDS) throw new Error(`handlers were called ${seen} times`);
  return { what: 'runtime events with 10 hooks', unit: 'events/s', ours, peer: { name: 'python-see 1.3.7', values: await see.numbers('events.py', [COUNT, ROUNDS]) } };
}
