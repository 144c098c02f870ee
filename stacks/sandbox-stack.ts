import { join, relative, resolve } from 'node:path';
import { App, LocalBackend, TerraformBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Labels, type ProviderName } from '../constructs';
import { StackContext, inOnePass, refuseMistakes } from '../constructs/stack';
import { type DurationText, IMAGE_ENVIRONMENT, refuseOldNode } from '../lib';
import { refuseOtherCdk } from './cdk';
import { reportOnExit } from './report-on-exit';

export interface SandboxStackProps {
  /**
   * Name of the app, which tells its sandboxes on a host from those of others.
   * @default context `sandform:app`, else the name in the project's package.json
   */
  readonly app?: string;
  /** libvirt to deploy to; a user's own (`qemu:///session`) only with `?socket=`. @default LIBVIRT_DEFAULT_URI of whoever deploys where it is set at synth, else qemu:///system */
  readonly uri?: string;
  /**
   * Generation of the Terraform provider dmacvicar/libvirt. A stack is destroyed with the one that it was deployed with.
   * @default context `sandform:provider`, else SANDFORM_PROVIDER, else '0.9'
   */
  readonly provider?: ProviderName;
  /** Range that networks get their subnets from. @default '10.88.0.0/13' */
  readonly subnets?: string;
  /** Labels of all its sandboxes. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Who answers for its sandboxes. @default nobody */
  readonly owner?: string;
  /** How long after their birth the reaper may take its sandboxes. @default they live until they are destroyed */
  readonly ttl?: DurationText;
}

/** A stack that sandboxes and networks live in: deployed, and destroyed, as one. */
export class SandboxStack extends TerraformStack {
  private readonly context: StackContext;

  constructor(scope: Construct, id: string, props: SandboxStackProps = {}) {
    super(scope, id);
    reported(() => {
      refuseOldNode(`${id}: creating a SandboxStack`);
      refuseOtherCdk(scope);
    });
    this.context = new StackContext(this, props);
    for (const [key, value] of Object.entries(props.labels ?? {})) Labels.of(this).add(key, value);
  }

  /** Before anything of the app is written, everything that is wrong with it is told. */
  override prepareStack(): void {
    inOnePass(() => {
      this.refuseMistakes();
      // The command line only wanted to know the sources, which all are known by now; nothing is to be written.
      if (process.env[IMAGE_ENVIRONMENT.collect]) process.exit(0);
      super.prepareStack();
    });
  }

  override toTerraform(): unknown {
    return inOnePass(() => {
      // Aspects have run meanwhile.
      this.refuseMistakes();
      const plan: unknown = super.toTerraform();
      reported(() => this.context.refuseMisfits(plan));
      return plan;
    });
  }

  /** The state lies in the project's folder, which the plan names from where Terraform runs: no path of this machine is in it. */
  override ensureBackendExists(): TerraformBackend {
    if (!this.node.findAll().some((construct) => TerraformBackend.isBackend(construct))) {
      const workingDirectory = resolve(App.of(this).outdir, 'stacks', this.node.id);
      new LocalBackend(this, { path: relative(workingDirectory, join(process.cwd(), `terraform.${this.node.id}.tfstate`)) });
    }
    return super.ensureBackendExists();
  }

  private refuseMistakes(): void {
    reported(() => refuseMistakes(this.node.root));
  }
}

/** Runs a check whose error should reach the user without a stack trace. */
function reported(check: () => void): void {
  try {
    check();
  } catch (error) {
    reportOnExit(error);
    throw error;
  }
}
