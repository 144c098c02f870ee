import { Lazy, type LocalExecProvisioner, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { Expression } from './template';

/** A Terraform resource whose attributes are known only when the app is synthesized. */
export interface ResourceProps {
  /** Terraform's type, e.g. `libvirt_volume`. */
  readonly type: string;
  /** Attributes and blocks, with Terraform's own names. */
  readonly attributes: () => Record<string, unknown>;
  /** Resources that must be there before. @default none but those that the attributes name */
  readonly dependsOn?: readonly Resource[];
  /** Resources whose replacement or change replaces this one. @default none */
  readonly replacedWith?: readonly Resource[];
  /** Attributes whose change plans nothing. @default none */
  readonly ignoreChanges?: readonly string[] | 'all';
  readonly provisioners?: readonly LocalExecProvisioner[];
  /** One instance for each key. @default a single instance */
  readonly forEach?: () => Record<string, unknown>;
}

/** The one binding that all our resources have: narrow, and the same for every type and every generation of a provider. */
export class Resource extends TerraformResource {
  private readonly attributes: () => Record<string, unknown>;
  private readonly dependencies: readonly Resource[];

  constructor(scope: Construct, id: string, { type, attributes, dependsOn = [], replacedWith = [], ignoreChanges = [], provisioners = [], forEach }: ResourceProps) {
    super(scope, id, {
      terraformResourceType: type,
      terraformGeneratorMetadata: { providerName: type.split('_')[0] ?? type },
      ...(replacedWith.length > 0 || ignoreChanges.length > 0
        ? {
            lifecycle: {
              ...(ignoreChanges.length > 0 ? { ignoreChanges: typeof ignoreChanges === 'string' ? ignoreChanges : [...ignoreChanges] } : {}),
              ...(replacedWith.length > 0 ? { replaceTriggeredBy: replacedWith.map(({ address }) => address) } : {}),
            },
          }
        : {}),
      ...(provisioners.length > 0 ? { provisioners: [...provisioners] } : {}),
    });
    this.attributes = attributes;
    this.dependencies = dependsOn;
    if (forEach) this.addOverride('for_each', Lazy.anyValue({ produce: forEach }));
  }

  /** Terraform's address of it within its stack. */
  get address(): Expression {
    return `${this.terraformResourceType}.${this.friendlyUniqueId}`;
  }

  /** Dependencies by their addresses: the CDK makes a token of each, with a stack trace. */
  override get terraformMetaArguments(): Record<string, unknown> {
    const given = super.terraformMetaArguments as { readonly dependsOn?: readonly string[] };
    const dependsOn = [...this.dependencies.map(({ address }) => address), ...(given.dependsOn ?? [])];
    return dependsOn.length === 0 ? given : { ...given, dependsOn };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.attributes();
  }
}

/** A resource of Terraform's own that holds values and has triggers. */
export class TerraformData extends Resource {
  constructor(scope: Construct, id: string, props: Omit<ResourceProps, 'type'>) {
    super(scope, id, { ...props, type: 'terraform_data' });
  }
}
