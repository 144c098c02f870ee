import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AD_HOC_VARIABLE, type AdHocDescription, type SeeDescription, isAdHocStack } from '../../lib/adhoc';
import { type ErrorDocument, SandformError } from '../../lib/errors';
import { type ImageLogin, loginEnvironment } from '../../lib/see';
import { makeSharedFolders, removeSharedFolders } from '../containers';
import { findProgram, packageFolder, toolEnvironment } from '../host';
import { LibvirtConnection } from '../libvirt';
import { type ProcessIdentity, isAlive, processIdentity } from '../processes';
import { reap } from '../reap';
import { type ChildEnd, childEnd } from './child';

const PACKAGE = packageFolder();
const OWNER_FILE = 'owner.json';

/** A project of one stack that nobody has to write: a folder with what was synthesized and Terraform's state. */
export class AdHocProject {
  private readonly folder: string;

  private constructor(
    root: string,
    private readonly description: AdHocDescription | SeeDescription,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly uri: string,
    private readonly login: ImageLogin | undefined,
  ) {
    this.folder = join(root, description.stack);
  }

  /** A new name for a stack that nobody else has. */
  static newStack(): string {
    return `adhoc-${randomBytes(4).toString('hex')}`;
  }

  /**
   * @param root folder of all ad hoc projects
   * @param login seen by the process that fetches images, and by no other
   * @throws SandformError `CDK_MISSING`, `TERRAFORM_MISSING`
   */
  static async create(root: string, description: AdHocDescription | SeeDescription, uri: string, login?: ImageLogin): Promise<AdHocProject> {
    const doing = `preparing stack '${description.stack}'`;
    for (const name of ['cdktf', 'constructs']) if (!isInstalled(name)) throw new SandformError('CDK_MISSING', { doing, given: `no package '${name}'` });
    const { variables } = await toolEnvironment();
    const environment = { ...process.env, ...variables, LIBVIRT_DEFAULT_URI: uri, [AD_HOC_VARIABLE]: JSON.stringify(description), TF_IN_AUTOMATION: '1' };
    if (terraformOf(environment) === undefined) throw new SandformError('TERRAFORM_MISSING', { doing });
    const project = new AdHocProject(root, description, environment, uri, login);
    mkdirSync(join(project.folder, 'node_modules'), { recursive: true });
    // Terraform starts the companion from there.
    symlinkSync(PACKAGE, join(project.folder, 'node_modules', 'sandform'));
    writeFileSync(join(project.folder, OWNER_FILE), JSON.stringify(processIdentity(process.pid)));
    return project;
  }

  /** Stacks of ad hoc projects whose process is gone: it was killed, or it was asked to leave them. */
  static abandoned(root: string): readonly string[] {
    return existsSync(root) ? readdirSync(root).filter((name) => isAdHocStack(name) && !isOwned(join(root, name))) : [];
  }

  /**
   * Folders of the host for its containers, which each bear the stack's name.
   * @throws SandformError `CONTAINER_HOST`, `CONTAINER_FAILED`
   */
  async share(folders: readonly string[]): Promise<void> {
    if (folders.length === 0) return;
    await using connection = await LibvirtConnection.open(this.uri);
    await makeSharedFolders(connection, this.description.stack, folders);
  }

  /** What was shared is gone. To be called when no container sees it any more. */
  async unshare(): Promise<void> {
    await using connection = await LibvirtConnection.open(this.uri, { readOnly: true });
    await removeSharedFolders(connection, this.description.stack);
  }

  /**
   * @param onLine told what it says, e.g. how far the fetching of an image is
   * @throws SandformError what is wrong with the declaration; `INTERNAL`
   */
  async synth(signal: AbortSignal, onLine?: (line: string) => void): Promise<void> {
    const env = this.login === undefined ? this.environment : loginEnvironment(this.environment, this.login);
    // What it fetches images with is to end with it, and keeps what it has.
    const end = await childEnd(process.execPath, [join(PACKAGE, 'dist/stacks/adhoc.js')], { cwd: this.folder, env, signal, wholeGroup: true, ...(onLine === undefined ? {} : { onLine }) });
    signal.throwIfAborted();
    if (end.exitCode === 0) return;
    throw told(end) ?? new SandformError('INTERNAL', { doing: `synthesizing stack '${this.description.stack}'`, given: end.output.slice(-2000) });
  }

  /** @throws SandformError `TERRAFORM_FAILED` */
  async deploy(signal: AbortSignal): Promise<void> {
    await this.terraform('preparing Terraform for', ['init', '-input=false', '-no-color'], signal);
    await this.terraform('deploying', ['apply', '-auto-approve', '-input=false', '-no-color'], signal);
  }

  /**
   * Destroys the stack; where Terraform can't, the reaper can.
   * @throws SandformError `TERRAFORM_FAILED`
   */
  async destroy(): Promise<void> {
    try {
      await this.terraform('destroying', ['destroy', '-auto-approve', '-input=false', '-no-color']);
    } catch (error) {
      const { failed } = await reap({ uri: this.uri, selection: { stack: this.description.stack } });
      if (failed.length > 0) throw error;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async terraform(doing: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
    const cwd = join(this.folder, 'cdktf.out', 'stacks', this.description.stack);
    const end = await childEnd(terraformOf(this.environment) ?? 'terraform', args, { cwd, env: this.environment, ...(signal === undefined ? {} : { signal }) });
    signal?.throwIfAborted();
    if (end.exitCode !== 0) throw new SandformError('TERRAFORM_FAILED', { doing: `${doing} stack '${this.description.stack}'`, given: errorIn(end.output) });
  }
}

function isInstalled(name: string): boolean {
  try {
    createRequire(join(PACKAGE, 'package.json')).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

function terraformOf({ TERRAFORM_BINARY_NAME: named }: NodeJS.ProcessEnv): string | undefined {
  if (named) return named.includes('/') ? named : findProgram(named);
  return findProgram('terraform') ?? findProgram('tofu');
}

function isOwned(folder: string): boolean {
  try {
    return isAlive(JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')) as ProcessIdentity);
  } catch {
    // Killed before it had written so.
    return false;
  }
}

function told({ output }: ChildEnd): SandformError | undefined {
  const line = output.split('\n').find((text) => text.startsWith('{"code":'));
  return line === undefined ? undefined : SandformError.fromJSON(JSON.parse(line) as ErrorDocument);
}

/** What Terraform says went wrong, without its frame. */
function errorIn(output: string): string {
  const from = output.indexOf('Error:');
  return (from < 0 ? output.slice(-3000) : output.slice(from, from + 3000)).replace(/^[│╷╵] ?/gm, '').trim();
}
