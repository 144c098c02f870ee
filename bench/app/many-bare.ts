import { readFileSync } from 'node:fs';
import { App, TerraformResource, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';

type Attributes = Record<string, unknown> & { '//': { metadata: { path: string } } };

/** A resource with attributes that are known already. */
class Literal extends TerraformResource {
  constructor(scope: Construct, id: string, type: string, private readonly attributes: Record<string, unknown>) {
    super(scope, id, { terraformResourceType: type });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.attributes;
  }
}

// many-bare.ts PLAN OUTDIR: the resources of that plan, declared anew by nothing but cdktf; prints what that took.
const [plan = '', outdir = ''] = process.argv.slice(2);
const { provider, resource } = JSON.parse(readFileSync(plan, 'utf8')) as { provider: object; resource: Record<string, Record<string, Attributes>> };
const start = performance.now();
const app = new App({ outdir });
const lab = new TerraformStack(app, 'lab');
lab.addOverride('provider', provider);
const owners = new Map<string, Construct>();
for (const [type, resources] of Object.entries(resource)) {
  for (const { '//': { metadata }, ...attributes } of Object.values(resources)) {
    const [, owner = '', id = ''] = metadata.path.split('/');
    const scope = owners.get(owner) ?? new Construct(lab, owner);
    owners.set(owner, scope);
    new Literal(scope, id, type, attributes);
  }
}
app.synth();
process.stdout.write(JSON.stringify({ ms: performance.now() - start, mib: process.resourceUsage().maxRSS / 1024 }));
