import { domainEventOf } from '../../../hooks-runtime/libvirt/domain-event';
import { domainStateOf } from '../../../hooks-runtime/libvirt/domain-state';

describe("libvirt's numbers", () => {
  it.each([
    [1, 1, 'running', 'booted'],
    [3, 1, 'paused', 'user'],
    [5, 2, 'shutoff', 'destroyed'],
    [5, 5, 'shutoff', 'saved'],
    [6, 1, 'crashed', 'panicked'],
    [7, 0, 'pmsuspended', 'unknown'],
  ])('state %d with reason %d is %s by %s', (state, reason, name, word) => {
    expect(domainStateOf({ state, reason })).toEqual({ state: name, reason: word });
  });

  it('of a newer libvirt are nostate and unknown', () => {
    expect(domainStateOf({ state: 99, reason: 0 })).toEqual({ state: 'nostate', reason: 'unknown' });
    expect(domainStateOf({ state: 1, reason: 99 })).toEqual({ state: 'running', reason: 'unknown' });
  });

  const raw = { subscriber: 1, uuid: 'u', name: 'n', at: 5 };
  it.each([
    [2, 0, 'started', 'booted'],
    [5, 1, 'stopped', 'destroyed'],
    [6, 1, 'shutdown', 'guest'],
    [8, 0, 'crashed', 'panicked'],
    [99, 0, 'unknown', 'unknown'],
    [5, 99, 'stopped', 'unknown'],
  ])('lifecycle event %d with detail %d is %s by %s', (event, detail, name, word) => {
    expect(domainEventOf({ ...raw, kind: 'lifecycle', event, detail })).toEqual({ kind: 'lifecycle', uuid: 'u', name: 'n', at: 5, event: name, detail: word });
  });

  it('of the agent say whether it listens', () => {
    expect(domainEventOf({ ...raw, kind: 'agent', event: 1, detail: 2 })).toMatchObject({ kind: 'agent', state: 'connected', detail: 'channel' });
  });

  it('carry nothing for a reboot', () => {
    expect(domainEventOf({ ...raw, kind: 'reboot', event: 0, detail: 0 })).toEqual({ kind: 'reboot', uuid: 'u', name: 'n', at: 5 });
  });
});
