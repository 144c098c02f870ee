import fc from 'fast-check';
import { SandformError } from '../../../lib';
import { DATA_ROOT, RUN_ROOT, instancePaths } from '../../../hooks-runtime/host/instance-paths';

describe('the name of an instance', () => {
  it('leads to folders of its own, with a socket path that fits into an address', () => {
    const paths = instancePaths('a-name-of-31-characters-all-tol');
    expect(paths.run).toBe(`${RUN_ROOT}/a-name-of-31-characters-all-tol`);
    expect(paths.socket.length).toBeLessThan(108);
  });

  it('never leads out of the folders of instances, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('', '.', '..', '../x', 'a/b', '-x', 'A', 'ä', 'a b', 'x'.repeat(32), 'a\n')), (name) => {
        try {
          const { run, data } = instancePaths(name);
          expect([run, data]).toEqual([`${RUN_ROOT}/${name}`, `${DATA_ROOT}/${name}`]);
          expect(name).toMatch(/^[a-z0-9][a-z0-9-]*$/);
        } catch (error) {
          expect(SandformError.is(error) && error.code).toBe('NAME_INVALID');
        }
      }),
    );
  });
});
