import { observed } from '../../../hooks-runtime/lifecycle/observed-events';
import type { DomainEvent, DomainLifecycleEventName } from '../../../hooks-runtime/libvirt';

const lifecycle = (event: DomainLifecycleEventName, detail: string): DomainEvent => ({ kind: 'lifecycle', uuid: 'u', name: 'n', at: 0, event, detail });
const unexpected = { expected: false, starting: false, cutting: false };

describe('what libvirt tells', () => {
  it.each([
    ['started', 'booted', 'domain_started', { reason: 'booted' }],
    ['started', 'wakeup', 'domain_resumed', { reason: 'wakeup' }],
    ['suspended', 'ioerror', 'domain_suspended', { reason: 'ioerror' }],
    ['pmsuspended', 'memory', 'domain_suspended', { reason: 'pm-memory' }],
    ['resumed', 'unpaused', 'domain_resumed', { reason: 'unpaused' }],
    ['crashed', 'panicked', 'domain_crashed', { reason: 'panicked' }],
    ['stopped', 'destroyed', 'domain_stopped', { reason: 'destroyed', expected: false }],
  ] as const)('%s by %s becomes %s', (event, detail, name, data) => {
    expect(observed(lifecycle(event, detail), unexpected)).toEqual([{ name, data }]);
  });

  it.each(['crashed', 'failed'])('stopped by %s is a crash, then a stop', (detail) => {
    expect(observed(lifecycle('stopped', detail), unexpected).map(({ name }) => name)).toEqual(['domain_crashed', 'domain_stopped']);
  });

  it('of a start of ours that failed is no crash', () => {
    expect(observed(lifecycle('stopped', 'failed'), { ...unexpected, starting: true }).map(({ name }) => name)).toEqual(['domain_stopped']);
  });

  it('of a power-off of ours is no crash, unless the guest crashed before', () => {
    const poweroff = { expected: true, starting: false, cutting: true };
    expect(observed(lifecycle('stopped', 'failed'), poweroff)).toEqual([{ name: 'domain_stopped', data: { reason: 'failed', expected: true } }]);
    expect(observed(lifecycle('stopped', 'crashed'), poweroff).map(({ name }) => name)).toEqual(['domain_crashed', 'domain_stopped']);
  });

  it('of a start as its first resume is not repeated', () => {
    expect(observed(lifecycle('resumed', 'unpaused'), { ...unexpected, starting: true })).toEqual([]);
  });

  it('says whether we brought a stop or a reboot about', () => {
    const expected = { ...unexpected, expected: true };
    expect(observed(lifecycle('stopped', 'destroyed'), expected)).toEqual([{ name: 'domain_stopped', data: { reason: 'destroyed', expected: true } }]);
    expect(observed({ kind: 'reboot', uuid: 'u', name: 'n', at: 0 }, expected)).toEqual([{ name: 'domain_rebooted', data: { expected: true } }]);
  });

  it('of definitions, agents and what is not known concerns no sandbox', () => {
    expect(observed(lifecycle('defined', 'updated'), unexpected)).toEqual([]);
    expect(observed(lifecycle('unknown', 'unknown'), unexpected)).toEqual([]);
    expect(observed({ kind: 'agent', uuid: 'u', name: 'n', at: 0, state: 'connected', detail: 'channel' }, unexpected)).toEqual([]);
  });
});
