import { HostInstance, toolEnvironment } from '../../hooks-runtime/host';

/** The libvirt that integration tests run against: never the one that the user has. */
export interface TestHost {
  readonly instance: HostInstance;
  /** For QEMU guests. */
  readonly uri: string;
  /** For containers. */
  readonly lxcUri: string;
  /** What a child process such as cdktf or sandform needs to reach this libvirt and no other. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The instance that SANDFORM_TEST_HOST names, which `npm test` starts before and stops after all tests. Where a test is
 * run by hand, one by the name 'test' is started; `npx sandform host down --name test --purge` stops it.
 */
export async function testHost(): Promise<TestHost> {
  const instance = await HostInstance.up({ name: process.env['SANDFORM_TEST_HOST'] ?? 'test' });
  const { variables } = await toolEnvironment();
  const own = { LIBVIRT_DEFAULT_URI: instance.uri, SANDFORM_ACCELERATOR: instance.accelerator, SANDFORM_PROVIDER: '0.8' };
  return { instance, uri: instance.uri, lxcUri: instance.lxcUri, environment: { ...variables, ...own } };
}
