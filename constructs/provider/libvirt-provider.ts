import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { literal } from './template';

/** The provider itself, in a stack, at one version. */
export class LibvirtProvider extends TerraformProvider {
  constructor(
    scope: Construct,
    id: string,
    version: string,
    private readonly uri: () => string | undefined,
  ) {
    super(scope, id, {
      terraformResourceType: 'libvirt',
      terraformProviderSource: 'dmacvicar/libvirt',
      terraformGeneratorMetadata: { providerName: 'libvirt', providerVersionConstraint: version },
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const uri = this.uri();
    return uri === undefined ? {} : { uri: literal(uri) };
  }
}
