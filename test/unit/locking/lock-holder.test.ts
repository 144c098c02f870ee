import { hasEnded, holderOfPath, ownHolder, pathOfHolder } from '../../../hooks-runtime/locking/lock-holder';

describe('the holder of a lock', () => {
  it('is read back from the path of its pool', () => {
    const holder = { ...ownHolder(), beat: 7 };
    expect(holderOfPath(pathOfHolder(holder))).toEqual(holder);
  });

  it.each(['', '/', '/var/lib/libvirt/images', '/sandform-lock/x', '/sandform-lock/a/1/2/3/x'])('is nobody in %p', (path) => {
    expect(holderOfPath(path)).toBeUndefined();
  });

  it('has ended where no process of this machine has its id and start', () => {
    const own = ownHolder();
    expect(hasEnded({ ...own, beat: 0 })).toBe(false);
    expect(hasEnded({ ...own, process: { ...own.process, startTime: '1' }, beat: 0 })).toBe(true);
  });

  it('is never known to have ended on another machine, or in another PID namespace', () => {
    const own = ownHolder();
    const dead = { ...own.process, startTime: '1' };
    expect(hasEnded({ ...own, process: { ...dead, bootId: 'other' }, beat: 0 })).toBe(false);
    expect(hasEnded({ process: dead, pidNamespace: '42', beat: 0 })).toBe(false);
  });
});
