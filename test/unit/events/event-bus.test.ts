import { setTimeout as wait } from 'node:timers/promises';
import { EventBus, type EventBusOptions, type HandlerFailure } from '../../../hooks-runtime/events';

function testBus(options?: EventBusOptions) {
  const bus = new EventBus(options);
  const failures: HandlerFailure[] = [];
  bus.onFailure((failure) => failures.push(failure));
  return { bus, failures, codes: () => failures.map(({ subscriber, error }) => `${subscriber}: ${error.code}`) };
}

/** A promise and what resolves it. */
function gate() {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

describe('an event', () => {
  it('reaches synchronous handlers in order of subscription, each after the one before has ended', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    bus.on('x', async () => {
      await wait(5);
      calls.push('first');
    });
    bus.on('x', () => void calls.push('second'));
    await bus.emit('x');
    expect(calls).toEqual(['first', 'second']);
  });

  it('starts asynchronous handlers before synchronous ones and does not wait for them', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    const { passed, open } = gate();
    bus.on('x', () => void calls.push('sync'));
    bus.on(
      'x',
      async () => {
        calls.push('async begins');
        await passed;
        calls.push('async ends');
      },
      { mode: 'async' },
    );
    await bus.emit('x');
    expect(calls).toEqual(['async begins', 'sync']);
    open();
    await bus.drain();
    expect(calls).toEqual(['async begins', 'sync', 'async ends']);
  });

  it('carries its own name, source, time and data, which no handler can change', async () => {
    const { bus } = testBus();
    const given = { path: '/a' };
    const seen: unknown[] = [];
    bus.on('x', (event) => {
      expect(() => Object.assign(event.data, { path: 'changed' })).toThrow(TypeError);
      seen.push(event);
    });
    const before = Date.now();
    await bus.emit('x', given, 'me');
    given.path = '/b';
    await bus.emit('x', {}, 'me');
    expect(seen).toEqual([
      { name: 'x', source: 'me', timestamp: expect.any(Number), data: { path: '/a' } },
      { name: 'x', source: 'me', timestamp: expect.any(Number), data: {} },
    ]);
    expect((seen[0] as { timestamp: number }).timestamp).toBeGreaterThanOrEqual(before);
  });

  it('waits for its turn while another is being handled', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    const { passed, open } = gate();
    bus.on('slow', async () => {
      await passed;
      calls.push('slow');
    });
    bus.on('quick', () => void calls.push('quick'));
    const both = [bus.emit('slow'), bus.emit('quick'), bus.emit('quick')];
    await wait(5);
    expect(calls).toEqual([]);
    open();
    await Promise.all(both);
    expect(calls).toEqual(['slow', 'quick', 'quick']);
  });

  it('fired within a synchronous handler is handled to its end before the next handler of the outer one', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    bus.on('outer', async () => {
      await wait(1);
      await bus.emit('inner');
      calls.push('outer 1');
    });
    bus.on('outer', () => void calls.push('outer 2'));
    bus.on('inner', async () => {
      await wait(5);
      calls.push('inner');
    });
    await bus.emit('outer');
    expect(calls).toEqual(['inner', 'outer 1', 'outer 2']);
  });

  it('fired within a handler that does not wait for it is still handled before the next handler', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    bus.on('outer', () => void bus.emit('inner'));
    bus.on('outer', () => void calls.push('outer 2'));
    bus.on('inner', async () => {
      await wait(5);
      calls.push('inner');
    });
    await bus.emit('outer');
    expect(calls).toEqual(['inner', 'outer 2']);
  });

  it('fired by what a handler left behind takes its turn like any other', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    const { passed, open } = gate();
    let left: Promise<void> = Promise.resolve();
    bus.on('a', () => {
      left = wait(1).then(() => bus.emit('late'));
    });
    bus.on('b', async () => {
      await passed;
      calls.push('b');
    });
    bus.on('late', () => void calls.push('late'));
    await bus.emit('a');
    const b = bus.emit('b');
    await wait(10);
    open();
    await Promise.all([b, left]);
    expect(calls).toEqual(['b', 'late']);
  });

  it('fired within an asynchronous handler takes its turn as well', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    bus.on('x', () => bus.emit('y'), { mode: 'async' });
    bus.on('x', async () => {
      await wait(5);
      calls.push('x');
    });
    bus.on('y', () => void calls.push('y'));
    await bus.emit('x');
    await bus.drain();
    expect(calls).toEqual(['x', 'y']);
  });

  it('of no usable name is refused with EVENT_INVALID, to fire and to subscribe', async () => {
    const { bus } = testBus();
    await expect(bus.emit('')).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    await expect(bus.emit('a b')).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    await expect(bus.emit('x'.repeat(101))).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect(() => bus.on('\u001b[31m', () => undefined)).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }));
  });

  it('is seen by observers as soon as it is fired, also while another is being handled', async () => {
    const { bus } = testBus();
    const { passed, open } = gate();
    const seen: string[] = [];
    bus.onAny(({ name }) => seen.push(name));
    bus.on('slow', () => passed);
    const both = [bus.emit('slow'), bus.emit('urgent')];
    expect(seen).toEqual(['slow', 'urgent']);
    open();
    await Promise.all(both);
  });
});

describe('a subscription', () => {
  it('made while an event is being handled hears that event too, after all others', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    let subscribed = false;
    bus.on('x', () => {
      if (!subscribed) bus.on('x', () => void calls.push('late'));
      subscribed = true;
    });
    bus.on('x', () => void calls.push('second'));
    await bus.emit('x');
    expect(calls).toEqual(['second', 'late']);
  });

  it('made by such a latecomer hears the next event, so that every event comes to an end', async () => {
    const { bus } = testBus();
    let calls = 0;
    const again = (): void => {
      calls += 1;
      bus.on('x', again);
    };
    bus.on('x', again);
    await bus.emit('x');
    expect(calls).toBe(2);
  });

  it('by once hears one event, the next one', async () => {
    const { bus } = testBus();
    let calls = 0;
    const again = (): void => {
      calls += 1;
      bus.once('x', again);
    };
    bus.once('x', again);
    await bus.emit('x');
    expect(calls).toBe(1);
    await bus.emit('x');
    expect(calls).toBe(2);
  });

  it('removed while an event is being handled is not called, and no other is skipped', async () => {
    const { bus } = testBus();
    const calls: string[] = [];
    const removeThird: { now: () => void } = { now: () => undefined };
    const removeFirst = bus.on('x', () => {
      calls.push('first');
      removeFirst();
      removeThird.now();
    });
    bus.on('x', () => void calls.push('second'));
    removeThird.now = bus.on('x', () => void calls.push('third'));
    bus.on('x', () => void calls.push('fourth'));
    await bus.emit('x');
    await bus.emit('x');
    expect(calls).toEqual(['first', 'second', 'fourth', 'second', 'fourth']);
  });

  it('made twice is called twice, and off removes both', async () => {
    const { bus } = testBus();
    let calls = 0;
    const handler = (): void => void (calls += 1);
    bus.on('x', handler);
    bus.on('x', handler);
    await bus.emit('x');
    expect(calls).toBe(2);
    bus.off(handler);
    await bus.emit('x');
    expect(calls).toBe(2);
  });
});

describe('a handler that fails', () => {
  it('is reported with its subscriber and event, and neither stops others nor reaches who fired', async () => {
    const { bus, failures, codes } = testBus();
    let called = 0;
    bus.on('x', () => { throw new Error('boom'); }, { subscriber: 'throws' });
    bus.on('x', () => Promise.reject(new Error('bang')), { subscriber: 'rejects' });
    bus.on('x', () => Promise.reject(new Error('beside')), { subscriber: 'rejects beside', mode: 'async' });
    bus.on('x', () => void (called += 1));
    await bus.emit('x', { n: 1 });
    await bus.drain();
    expect(called).toBe(1);
    expect(codes().sort()).toEqual(['rejects beside: HOOK_FAILED', 'rejects: HOOK_FAILED', 'throws: HOOK_FAILED']);
    expect(failures[0]?.event).toMatchObject({ name: 'x', data: { n: 1 } });
  });

  it('by throwing something odd is reported all the same', async () => {
    const { bus, codes } = testBus();
    for (const odd of [undefined, null, 0, '', Symbol('s'), { toString: undefined }]) {
      bus.on('x', () => { throw odd as unknown as Error; }, { subscriber: 'odd' });
    }
    await bus.emit('x');
    expect(codes()).toEqual(Array(6).fill('odd: HOOK_FAILED'));
  });

  it('by hanging is ended at its deadline, and the next one is called', async () => {
    const { bus, codes } = testBus({ deadline: 20 });
    let called = 0;
    bus.on('x', () => new Promise<void>(() => undefined), { subscriber: 'hangs' });
    bus.on('x', () => void (called += 1));
    await bus.emit('x');
    expect(codes()).toEqual(['hangs: HOOK_DEADLINE']);
    expect(called).toBe(1);
  });

  it('after its deadline is reported once', async () => {
    const { bus, codes } = testBus();
    const { passed, open } = gate();
    bus.on('x', () => passed.then(() => { throw new Error('late'); }), { subscriber: 'slow', deadline: 5 });
    await bus.emit('x');
    open();
    await wait(5);
    expect(codes()).toEqual(['slow: HOOK_DEADLINE']);
  });

  it('beside by hanging ends the draining at its deadline', async () => {
    const { bus, codes } = testBus();
    bus.on('x', () => new Promise<void>(() => undefined), { subscriber: 'hangs', mode: 'async', deadline: 20 });
    await bus.emit('x');
    await bus.drain();
    expect(codes()).toEqual(['hangs: HOOK_DEADLINE']);
  });

  it('without anybody listening to failures becomes a warning of the process', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const bus = new EventBus();
    bus.on('x', () => { throw new Error('unheard'); });
    await bus.emit('x');
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('unheard'), expect.objectContaining({ code: 'HOOK_FAILED' }));
    warned.mockRestore();
  });
});

describe('an end set for handlers', () => {
  it('cuts what runs, gives those that begin later their grace, and can be lifted', async () => {
    const { bus, codes } = testBus();
    bus.on('x', () => new Promise<void>(() => undefined), { subscriber: 'hangs' });
    bus.on('x', () => wait(15), { subscriber: 'takes its grace' });
    const emitted = bus.emit('x');
    bus.endHandlersBy(Date.now() + 10, 1_000);
    await emitted;
    expect(codes()).toEqual(['hangs: HOOK_DEADLINE']);
  });
});

describe('a source that fires too much', () => {
  it('is reported once, its further events are dropped and counted, and others are not touched', async () => {
    const { bus, codes } = testBus({ limits: { burst: 10, perSecond: 0, total: 100 } });
    let heard = 0;
    bus.on('flood', () => void (heard += 1));
    for (let count = 0; count < 50; count += 1) await bus.emit('flood', {}, 'noisy');
    await bus.emit('flood', {}, 'calm');
    expect(heard).toBe(11);
    expect(codes()).toEqual(['noisy: HOOK_FLOOD']);
    expect([...bus.dropped]).toEqual([['noisy', 40]]);
  });

  it('counts in total as well as in bursts', async () => {
    const { bus } = testBus({ limits: { burst: 1000, perSecond: 1000, total: 5 } });
    let heard = 0;
    bus.on('x', () => void (heard += 1));
    for (let count = 0; count < 9; count += 1) await bus.emit('x', {}, 'noisy');
    expect(heard).toBe(5);
  });

  it('is stopped when a handler fires its own event again and again', async () => {
    const { bus, codes } = testBus({ limits: { depth: 20 } });
    let heard = 0;
    bus.on('x', () => {
      heard += 1;
      return bus.emit('x', {}, 'loops');
    });
    await bus.emit('x', {}, 'loops');
    expect(heard).toBe(20);
    expect(codes()).toEqual(['loops: HOOK_FLOOD']);
  });
});

describe('a task of a subscriber', () => {
  it('is limited and reported like a handler, and drain waits for it', async () => {
    const { bus, codes } = testBus({ deadline: 20 });
    let done = false;
    void bus.perform('slow', 'working', async () => {
      await wait(5);
      done = true;
    });
    await bus.drain();
    expect(done).toBe(true);
    expect(await bus.perform('throws', 'working', () => { throw new Error('boom'); })).toMatchObject({ code: 'HOOK_FAILED' });
    expect(await bus.perform('hangs', 'working', () => new Promise(() => undefined))).toMatchObject({ code: 'HOOK_DEADLINE' });
    expect(codes()).toEqual(['throws: HOOK_FAILED', 'hangs: HOOK_DEADLINE']);
  });
});

describe('a closed bus', () => {
  it('calls nobody and refuses nothing', async () => {
    const { bus } = testBus();
    let called = 0;
    bus.on('x', () => void (called += 1));
    bus.close();
    bus.on('x', () => void (called += 1));
    await bus.emit('x');
    expect(called).toBe(0);
  });
});

it('handles thousands of waiting events without running out of stack', async () => {
  const { bus } = testBus();
  let heard = 0;
  bus.on('x', async () => {
    await Promise.resolve();
    heard += 1;
  });
  await Promise.all(Array.from({ length: 20_000 }, () => bus.emit('x')));
  expect(heard).toBe(20_000);
});
