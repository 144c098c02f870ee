import { parseXml } from './parse-xml';

/** What keeps guests' processes from the host. */
export interface HostSecurity {
  /** Security models in force, e.g. `apparmor`, `dac`. */
  readonly models: readonly string[];
  /** User id that QEMU runs as, where libvirt tells. */
  readonly qemuUser: string | undefined;
}

/** Reads it from libvirt's description of the host's capabilities. */
export function hostSecurityOf(capabilities: string): HostSecurity {
  const models = parseXml(capabilities)?.root.all('host', 'secmodel') ?? [];
  const labels = models.filter((model) => model.first('model')?.text === 'dac').flatMap((model) => model.all('baselabel'));
  return {
    models: models.map((model) => model.first('model')?.text ?? '').filter((model) => model !== '' && model !== 'none'),
    qemuUser: /^\+?(\d+)/.exec(labels[0]?.text ?? '')?.[1],
  };
}
