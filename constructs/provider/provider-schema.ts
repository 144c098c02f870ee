import type { Expression } from './template';

/** An attribute as `terraform providers schema -json` tells it, pruned. */
export interface SchemaAttribute {
  /** Type of a value, e.g. `string` or `["list", "string"]`; absent where it has attributes of its own. */
  readonly type?: unknown;
  readonly nesting?: string;
  readonly attributes?: SchemaAttributes;
  readonly required?: boolean;
  /** Only the provider gives it. */
  readonly readOnly?: boolean;
}

export type SchemaAttributes = Readonly<Record<string, SchemaAttribute>>;

export interface SchemaBlock {
  readonly attributes?: SchemaAttributes;
  readonly blocks?: Readonly<Record<string, SchemaBlock & { readonly nesting: string; readonly maxItems?: number; readonly minItems?: number }>>;
}

/** What a version of the provider takes: names, types and requiredness. Made by scripts/provider-schema.mjs. */
export interface ProviderSchema {
  readonly origin: string;
  readonly provider: SchemaBlock;
  readonly resources: Readonly<Record<string, SchemaBlock>>;
}

/** An attribute that a provider has but that does harm. */
export interface HarmfulAttribute {
  /** Path without indices, e.g. `libvirt_domain.metadata`. */
  readonly at: string;
  readonly harm: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Terraform's own, which every block may hold. */
const META: ReadonlySet<string> = new Set(['//', 'depends_on', 'lifecycle', 'provisioner', 'for_each', 'count', 'provider', 'connection']);
const JAVASCRIPT_TYPES: Readonly<Record<string, string>> = { string: 'string', number: 'number', bool: 'boolean' };

/** Where the libvirt provider and its resources in a synthesized stack do not fit the schema, or hold what does harm; a line each. */
export function misfitsOf(plan: unknown, schema: ProviderSchema, harmful: readonly HarmfulAttribute[]): string[] {
  const { provider = {}, resource = {} } = plan as { provider?: { libvirt?: Body[] }; resource?: Record<string, Record<string, Body>> };
  const harms = new Map(harmful.map(({ at, harm }) => [at, harm]));
  return [
    ...(provider.libvirt ?? []).flatMap((body) => blockMisfits(body, { attributes: optional(schema.provider.attributes) }, { path: 'provider', plain: 'provider', harms })),
    ...Object.entries(resource)
      .filter(([type]) => type.startsWith('libvirt_'))
      .flatMap(([type, instances]) => {
        const block = schema.resources[type];
        if (block === undefined) return [`${type}: not known to Sandform`];
        return Object.entries(instances).flatMap(([name, body]) => blockMisfits(body, block, { path: `${type}.${name}`, plain: type, harms }));
      }),
  ];
}

/** What the provider may find in its environment instead. */
function optional(attributes: SchemaAttributes = {}): SchemaAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, { ...attribute, required: false }]));
}

/** Where in a plan, with and without names and indices. */
interface Place {
  readonly path: string;
  readonly plain: string;
  readonly harms: ReadonlyMap<string, string>;
}

function blockMisfits(body: Body, { attributes = {}, blocks = {} }: SchemaBlock, place: Place): string[] {
  const given = Object.entries(body).filter(([name, value]) => !META.has(name) && value !== undefined && value !== null);
  return [
    ...given.flatMap(([name, value]) => {
      const inner = within(place, name);
      const harm = inner.harms.get(inner.plain);
      if (harm !== undefined) return [`${inner.path}: ${harm}`];
      const [attribute, block] = [attributes[name], blocks[name]];
      if (attribute !== undefined) return attributeMisfits(value, attribute, inner);
      if (block === undefined) return [`${inner.path}: unknown`];
      const items = Array.isArray(value) ? (value as unknown[]) : [value];
      if (block.maxItems !== undefined && items.length > block.maxItems) return [`${inner.path}: more than ${block.maxItems}`];
      return items.flatMap((item) => blockMisfits(item as Body, block, inner));
    }),
    ...missing(body, attributes, place),
  ];
}

function attributeMisfits(value: unknown, { type, nesting, attributes = {}, readOnly }: SchemaAttribute, place: Place): string[] {
  if (readOnly) return [`${place.path}: only the provider gives it`];
  if (isExpression(value)) return [];
  if (nesting === undefined) return fits(value, type) ? [] : [`${place.path}: ${JSON.stringify(value)} is no ${JSON.stringify(type)}`];
  if (nesting === 'list' || nesting === 'set') {
    if (!Array.isArray(value)) return [`${place.path}: ${JSON.stringify(value)} is no list`];
    return value.flatMap((item, index) => objectMisfits(item, attributes, { ...place, path: `${place.path}[${index}]` }));
  }
  return objectMisfits(value, attributes, place);
}

function objectMisfits(value: unknown, attributes: SchemaAttributes, place: Place): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${place.path}: ${JSON.stringify(value)} is no object`];
  return blockMisfits(value as Body, { attributes }, place);
}

function missing(body: Body, attributes: SchemaAttributes, { path }: Place): string[] {
  const required = Object.entries(attributes).filter(([name, { required }]) => required && (body[name] === undefined || body[name] === null));
  return required.map(([name]) => `${path}.${name}: missing`);
}

function within({ path, plain, harms }: Place, name: string): Place {
  return { path: `${path}.${name}`, plain: `${plain}.${name}`, harms };
}

/** Text with an interpolation in it may become anything. */
function isExpression(value: unknown): value is Expression {
  return typeof value === 'string' && value.includes('${');
}

function fits(value: unknown, type: unknown): boolean {
  if (isExpression(value)) return true;
  if (!Array.isArray(type)) return typeof value === JAVASCRIPT_TYPES[String(type)];
  if (type[0] === 'map' || type[0] === 'object') return typeof value === 'object';
  return Array.isArray(value) && value.every((item) => fits(item, type[1]));
}
