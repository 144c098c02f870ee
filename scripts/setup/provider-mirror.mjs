import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';

/** Terraform and OpenTofu look a provider up under the name of their own registry. */
const REGISTRIES = ['registry.terraform.io', 'registry.opentofu.org'];

/**
 * Lays a provider out as a filesystem mirror and writes the CLI configuration that names it. The configuration comes
 * last: where it is, the mirror is whole.
 *
 * @param {{ folder: string, program: string, source: string, version: string }} what
 */
export function writeProviderMirror({ folder, program, source, version }) {
  const mirror = join(folder, 'mirror');
  for (const registry of REGISTRIES) {
    const place = join(mirror, registry, ...source.split('/'), version, `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`);
    const file = join(place, `terraform-provider-${source.split('/')[1]}_v${version}`);
    mkdirSync(place, { recursive: true });
    rmSync(file, { force: true });
    linkSync(program, file);
  }
  rmSync(program);
  const addresses = JSON.stringify(REGISTRIES.map((registry) => `${registry}/${source}`));
  const configuration = `disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ${addresses}
  }
  direct {
    exclude = ${addresses}
  }
}
`;
  writeFileSync(join(folder, 'cli.tfrc.new'), configuration);
  renameSync(join(folder, 'cli.tfrc.new'), join(folder, 'cli.tfrc'));
}
