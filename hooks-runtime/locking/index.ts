export { deadLocks, HostLock, type LockOptions } from './host-lock';
