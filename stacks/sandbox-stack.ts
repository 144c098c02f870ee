import { join, relative, resolve } from 'node:path';
import { App, LocalBackend, TerraformBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Labels } from '../constructs';
import { StackContext, refuseMistakes } from '../constructs/stack';
import type { DurationText } from '../lib';
import { reportOnExit } from './report-on-exit';

export interface SandboxStackProps {
  /**
   * Name of the app, which tells its sandboxes on a host from those of others.
   * @default context `sandform:app`, else the name in the project's package.json
   */
  readonly app?: string;
  /** libvirt to deploy to. @default LIBVIRT_DEFAULT_URI of whoever deploys where it is set at synth, else qemu:///system */
  readonly uri?: string;
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
  constructor(scope: Construct, id: string, props: SandboxStackProps = {}) {
    super(scope, id);
    new StackContext(this, props);
    for (const [key, value] of Object.entries(props.labels ?? {})) Labels.of(this).add(key, value);
  }

  /** Before anything of the app is written, everything that is wrong with it is told. */
  override prepareStack(): void {
    this.refuseMistakes();
    super.prepareStack();
  }

  override toTerraform(): unknown {
    // Aspects have run meanwhile.
    this.refuseMistakes();
    return super.toTerraform();
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
    try {
      refuseMistakes(this.node.root);
    } catch (error) {
      reportOnExit(error);
      throw error;
    }
  }
}
