import { createHash } from 'node:crypto';
import type { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { type Duration, type DurationText, type ImageReference, SandformError, Subnet, canonicalJson, isName, libvirtUri } from '../lib';
import { declaredTtl, ownerRule } from './conduct';
import { Mistakes } from './mistakes';
import { once } from './pass';
import { projectName } from './project';
import { Companion, type CompanionModel } from './provider/companion';
import { DEFAULT_PROVIDER, providerOf } from './provider-choice';
import type { ProviderGeneration, ProviderName } from './provider/provider-generation';
import { misfitsOf } from './provider/provider-schema';
import type { Sandbox } from './sandbox';
import type { SandboxNetwork } from './sandbox-network';
import { sessionUriMistakes } from './session-rules';

/** What holds for all sandboxes of a stack. */
export interface StackSettings {
  readonly app?: string;
  readonly uri?: string;
  readonly provider?: ProviderName;
  readonly subnets?: string;
  readonly owner?: string;
  readonly ttl?: DurationText;
}

/** Where networks that don't say otherwise get their subnets. */
export const DEFAULT_SUBNETS = '10.88.0.0/13';
const SYSTEM_URI = 'qemu:///system';

/** What the constructs of one stack share: settings, the provider, the companion. Every SandboxStack has one. */
export class StackContext {
  readonly provider: ProviderGeneration;
  readonly companion: Companion;
  readonly sandboxes: Sandbox[] = [];
  readonly networks: SandboxNetwork[] = [];
  /** The range that subnets are picked from. */
  readonly subnets: Subnet;
  /** TTL of sandboxes that don't say otherwise. */
  readonly ttl: Duration | undefined;
  /** Whether it is deployed to a user's own libvirt, which has fewer rights than the system's. */
  readonly isSession: boolean;
  private knownApp: string | undefined;

  constructor(
    readonly stack: TerraformStack,
    readonly settings: StackSettings,
  ) {
    all.set(stack, this);
    byApp.set(stack.node.root, [...StackContext.allOf(stack.node.root), this]);
    const mistakes = Mistakes.of(stack);
    this.subnets = mistakes.read(() => Subnet.parse(settings.subnets ?? DEFAULT_SUBNETS, mistakes.doing('subnets')), Subnet.parse(DEFAULT_SUBNETS));
    this.ttl = mistakes.read(() => declaredTtl(settings.ttl, mistakes), undefined);
    this.provider = mistakes.read(() => providerOf(stack, settings.provider), DEFAULT_PROVIDER);
    const target = settings.uri ?? (process.env['LIBVIRT_DEFAULT_URI'] || SYSTEM_URI);
    this.isSession = libvirtUri(target).isSession;
    mistakes.check(() => [...this.nameMistakes(), ...sessionUriMistakes(target, mistakes), ...this.wayMistakes(target)]);
    mistakes.rules(() => [ownerRule(settings.owner)]);
    this.provider.declare(stack, 'libvirt', () => this.uri);
    this.companion = new Companion(stack, 'companion', this.provider, () => once(stack, 'companion', () => this.companionModel()));
  }

  /**
   * The context of the stack that a construct lies in.
   * @throws SandformError `PROP_INVALID` where that is no SandboxStack
   */
  static of(construct: IConstruct): StackContext {
    const stack = construct.node.scopes.toReversed().find((scope) => all.has(scope));
    const context = stack === undefined ? undefined : all.get(stack);
    if (context !== undefined) return context;
    throw new SandformError('PROP_INVALID', { doing: `${construct.node.path}: scope`, given: 'a scope outside a SandboxStack', expected: 'a SandboxStack, or a construct in one', fix: 'create it in a SandboxStack' });
  }

  /** All contexts of an app, in the order in which its stacks were made. */
  static allOf(app: IConstruct): readonly StackContext[] {
    return byApp.get(app) ?? [];
  }

  /** All sandboxes of an app. */
  static sandboxesOf(app: IConstruct): readonly Sandbox[] {
    return once(app, 'sandboxes', () => StackContext.allOf(app).flatMap(({ sandboxes }) => sandboxes));
  }

  /** All networks of an app. */
  static networksOf(app: IConstruct): readonly SandboxNetwork[] {
    return once(app, 'networks', () => StackContext.allOf(app).flatMap(({ networks }) => networks));
  }

  /** Name of the app. */
  get app(): string {
    const context: unknown = this.stack.node.tryGetContext('sandform:app');
    this.knownApp ??= this.settings.app ?? (typeof context === 'string' ? context : projectName());
    return this.knownApp;
  }

  /** libvirt URI as it stands in the plan; undefined: LIBVIRT_DEFAULT_URI of whoever deploys. */
  get uri(): string | undefined {
    // The provider insists on a URI where the variable is not set.
    return this.settings.uri ?? (process.env['LIBVIRT_DEFAULT_URI'] ? undefined : SYSTEM_URI);
  }

  /** Name of a construct within its stack: its path, with dashes. */
  nameOf(construct: IConstruct): string {
    const scopes = construct.node.scopes;
    return scopes.slice(scopes.indexOf(this.stack) + 1).map(({ node }) => node.id).join('-');
  }

  /**
   * Looks whether the provider will take what was synthesized.
   * @throws SandformError `PLAN_MISFIT`
   */
  refuseMisfits(plan: unknown): void {
    const { name, version, schema, harmful } = this.provider;
    const misfits = misfitsOf(plan, schema, harmful);
    if (misfits.length === 0) return;
    throw new SandformError('PLAN_MISFIT', { doing: `${this.stack.node.id}: checking the plan against the schema of provider ${name} (${version})`, given: misfits.join('; ') });
  }

  private companionModel(): CompanionModel {
    const images = this.sandboxes.flatMap((sandbox) => sandbox.images);
    return {
      digest: this.digest(),
      app: this.app,
      stack: this.stack.node.id,
      uri: this.uri ?? null,
      images: [...new Map<string, ImageReference>(images.map((image) => [image.digest, image])).values()],
      networks: this.networks.flatMap(({ networkName, range, network6, provided }) =>
        provided === undefined ? [] : [{ id: provided.id(), name: networkName, ...(range === undefined ? {} : { subnet: range.toString() }), ...(network6 === undefined ? {} : { network6 }) }],
      ),
      sandboxes: this.sandboxes.map((sandbox) => sandbox.companionFacts),
    };
  }

  private digest(): string {
    const parts = [this.sandboxes.map(({ content }) => content), this.networks.map(({ networkName, traits }) => [networkName, traits])];
    return createHash('sha256').update(canonicalJson(parts)).digest('hex');
  }

  private wayMistakes(uri: string): SandformError[] {
    const { closedWays, version } = this.provider;
    const { transport } = libvirtUri(uri);
    const reason = closedWays[transport];
    if (reason === undefined) return [];
    const given = `${uri}: provider ${version} does not get there by ${transport}: ${reason}`;
    return [Mistakes.of(this.stack).mistake('PROP_INVALID', 'uri', { given, expected: 'a way that the provider can go', fix: 'reach that libvirt by qemu+ssh' })];
  }

  private nameMistakes(): SandformError[] {
    const mistakes = Mistakes.of(this.stack);
    const names = { app: this.app, 'stack id': this.stack.node.id };
    return Object.entries(names).flatMap(([what, name]) => (isName(name) ? [] : [mistakes.mistake('NAME_INVALID', what, { given: name })]));
  }
}

const all = new WeakMap<IConstruct, StackContext>();
const byApp = new WeakMap<IConstruct, readonly StackContext[]>();
