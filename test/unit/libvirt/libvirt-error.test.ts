import { errorOf, isLibvirtError } from '../../../hooks-runtime/libvirt/libvirt-error';

const failure = (code: number, { connected = true, message = 'says libvirt' } = {}) => ({ kind: 'libvirt', code, domain: 10, message, connected }) as const;

describe('a failed call', () => {
  it.each([
    [42, 'LIBVIRT_NOT_FOUND', 'NO_DOMAIN'],
    [43, 'LIBVIRT_NOT_FOUND', 'NO_NETWORK'],
    [62, 'LIBVIRT_NOT_FOUND', 'NO_NWFILTER'],
    [49, 'LIBVIRT_NOT_FOUND', 'NO_STORAGE_POOL'],
    [50, 'LIBVIRT_NOT_FOUND', 'NO_STORAGE_VOL'],
    [80, 'LIBVIRT_NOT_FOUND', 'NO_DOMAIN_METADATA'],
    [3, 'LIBVIRT_UNSUPPORTED', 'NO_SUPPORT'],
    [68, 'LIBVIRT_TIMEOUT', 'OPERATION_TIMEOUT'],
    [86, 'GUEST_UNREACHABLE', 'AGENT_UNRESPONSIVE'],
    [55, 'LIBVIRT_FAILED', 'OPERATION_INVALID'],
    [1234, 'LIBVIRT_FAILED', 'OTHER'],
  ])("with libvirt's number %d is %s", (code, expected, name) => {
    const error = errorOf(failure(code), 'doing it');
    expect(error).toMatchObject({ code: expected, doing: 'doing it', given: 'says libvirt', details: { libvirt: { number: code, name, domain: 10, message: 'says libvirt' } } });
    expect(isLibvirtError(error)).toBe(true);
    expect(isLibvirtError(error, 'DOM_EXIST')).toBe(false);
  });

  it('for want of room is DISK_FULL', () => {
    expect(errorOf(failure(38, { message: 'cannot fill file: No space left on device' }), 'doing it').code).toBe('DISK_FULL');
  });

  it('on a connection that is dead is LIBVIRT_LOST', () => {
    expect(errorOf(failure(39, { connected: false }), 'doing it').code).toBe('LIBVIRT_LOST');
  });

  it('of the transport is LIBVIRT_LOST, though the connection has not noticed', () => {
    expect(errorOf({ ...failure(38, { message: 'Cannot write data: Broken pipe' }), domain: 7 }, 'doing it').code).toBe('LIBVIRT_LOST');
  });

  it('for want of the library or a function of it says so', () => {
    expect(errorOf({ kind: 'no-library', message: 'libvirt.so.0: cannot open' }, 'doing it').code).toBe('LIBVIRT_NOT_INSTALLED');
    expect(errorOf({ kind: 'no-function', name: 'virX', library: 'libvirt.so.0' }, 'doing it').code).toBe('LIBVIRT_UNSUPPORTED');
  });

  it('is no libvirt error where libvirt was not asked', () => {
    expect(isLibvirtError(errorOf({ kind: 'defect', message: 'x' }, 'doing it'))).toBe(false);
    expect(isLibvirtError(new Error('x'))).toBe(false);
  });
});
