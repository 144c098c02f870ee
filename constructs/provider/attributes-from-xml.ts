import { type XmlElement, renderXml, textOf } from '../../lib/domain-xml';
import type { SchemaAttribute, SchemaAttributes } from './provider-schema';
import type { Placeholders } from './placeholders';
import { literal } from './template';

/** What became of an XML document. */
export interface TranslatedXml {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Elements and attributes of the document that the schema has no place for, e.g. `devices/disk/iotune`. */
  readonly homeless: readonly string[];
}

/**
 * A libvirt document as nested attributes of a provider that names them after the XML: `backingStore` is `backing_store`,
 * several `disk` are `disks`, `<vcpu current="1">` is `vcpu_current`, and `type="file"` chooses the part of `source` that is
 * called `file`. The schema decides what goes where, so that nothing is emitted that Terraform would silently drop.
 */
export function attributesFromXml(root: XmlElement, schema: SchemaAttributes, placeholders: Placeholders): TranslatedXml {
  const homeless: string[] = [];
  const translation = new Translation(placeholders, homeless);
  return { attributes: translation.object(root, schema, ''), homeless };
}

/** Elements that the schema calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = {
  'graphics/listen': 'listeners',
  'qemu:commandline/qemu:arg': 'args',
  // Beside the attribute of the same name
  'os/firmware': 'firmware_info',
  ...Object.fromEntries(['access', 'allocation', 'discard', 'hugepages', 'locked', 'nosharepages', 'source'].map((name) => [`memoryBacking/${name}`, `memory_${name}`])),
};
/** Attributes that say which of several kinds an element is. */
const KINDS = ['type', 'model'] as const;
const YES: Readonly<Record<string, boolean>> = { yes: true, no: false, on: true, off: false };

type Attributes = Record<string, unknown>;

class Translation {
  constructor(
    private readonly placeholders: Placeholders,
    private readonly homeless: string[],
  ) {}

  /** An element whose content has attributes of its own. */
  object(element: XmlElement, schema: SchemaAttributes, path: string): Attributes {
    if (isRawXml(schema)) return { xml: this.placeholders.inXml(literal(inside(element))) };
    const kind = kindOf(element, schema);
    const inner = kind === undefined ? undefined : schema[kind.field];
    if (kind !== undefined && inner !== undefined) {
      const rest = { ...element, attributes: without(element.attributes, kind.attribute) };
      return { [kind.field]: inner.attributes === undefined ? this.scalar(rest, inner) : this.object(rest, inner.attributes, path) };
    }
    const target: Attributes = {};
    this.putAttributes(target, element, schema, path);
    for (const child of element.children) if (typeof child !== 'string') this.putChild(target, child, schema, path, element.attributes['type']);
    const text = textOf(element);
    if (text.trim() !== '') {
      if (schema['value'] === undefined) this.homeless.push(`${path}/text()`);
      else target['value'] = this.text(text);
    }
    this.chooseSource(target, element, schema);
    return target;
  }

  private putAttributes(target: Attributes, element: XmlElement, schema: SchemaAttributes, path: string): void {
    for (const [name, value] of Object.entries(element.attributes)) {
      if (name.startsWith('xmlns')) continue;
      const field = fieldFor(name, schema);
      if (field !== undefined && schema[field]?.type !== undefined) target[field] = this.value(value, schema[field].type);
      else if (!(name === 'type' && schema['source'] !== undefined)) this.homeless.push(`${path}@${name}`);
    }
  }

  private putChild(target: Attributes, child: XmlElement, schema: SchemaAttributes, path: string, kind: string | undefined): void {
    const at = path === '' ? child.name : `${path}/${child.name}`;
    const field = fieldFor(RENAMED[`${path.slice(path.lastIndexOf('/') + 1)}/${child.name}`] ?? child.name, schema);
    const attribute = field === undefined ? undefined : schema[field];
    if (field === undefined || attribute === undefined || attribute.readOnly === true) {
      // An empty one says that nothing lies below, which libvirt finds out for itself.
      if (child.name !== 'backingStore' || child.children.length > 0) this.homeless.push(at);
    } else if (attribute.nesting === 'list') {
      target[field] = [...((target[field] ?? []) as unknown[]), this.object(child, attribute.attributes ?? {}, at)];
    } else if (attribute.nesting !== undefined) {
      const inner = field === 'source' && kind !== undefined ? chosen(attribute.attributes ?? {}, kind) : undefined;
      target[field] = inner === undefined ? this.object(child, attribute.attributes ?? {}, at) : { [inner.field]: this.object(child, inner.attributes, at) };
    } else {
      target[field] = isList(attribute.type) ? [...((target[field] ?? []) as unknown[]), this.text(textOf(child))] : this.scalar(child, attribute);
      for (const [name, value] of Object.entries(child.attributes)) {
        const beside = fieldFor(`${field}_${name}`, schema);
        if (beside === undefined) this.homeless.push(`${at}@${name}`);
        else target[beside] = this.value(value, schema[beside]?.type);
      }
    }
  }

  /** Where an element tells its kind but has no source, an empty one of that kind tells the same, if it may be empty. */
  private chooseSource(target: Attributes, { attributes: { type } }: XmlElement, schema: SchemaAttributes): void {
    const source = schema['source'];
    if (type === undefined || schema['type'] !== undefined || source === undefined || target['source'] !== undefined) return;
    const inner = chosen(source.attributes ?? {}, type);
    if (inner !== undefined && !Object.values(inner.attributes).some(({ required }) => required)) target['source'] = { [inner.field]: {} };
  }

  private scalar(element: XmlElement, { type }: SchemaAttribute): unknown {
    const text = textOf(element);
    return type === 'bool' && text === '' ? true : this.value(text, type);
  }

  private value(text: string, type: unknown): unknown {
    if (type === 'number') return Number(text);
    if (type === 'bool') return YES[text] ?? text;
    return this.text(text);
  }

  private text(text: string): string {
    return this.placeholders.inText(literal(text));
  }
}

/** Content that the provider takes as it is. */
function isRawXml(schema: SchemaAttributes): boolean {
  return Object.keys(schema).join() === 'xml';
}

function inside({ children }: XmlElement): string {
  return children.map((child) => (typeof child === 'string' ? child : renderXml(child))).join('\n');
}

function kindOf({ attributes }: XmlElement, schema: SchemaAttributes): { attribute: string; field: string } | undefined {
  for (const attribute of KINDS) {
    const value = attributes[attribute];
    if (value === undefined || schema[attribute] !== undefined) continue;
    const field = fieldFor(value, schema);
    if (field !== undefined) return { attribute, field };
  }
  return undefined;
}

function chosen(schema: SchemaAttributes, kind: string): { field: string; attributes: SchemaAttributes } | undefined {
  const field = fieldFor(kind, schema);
  const attributes = field === undefined ? undefined : schema[field]?.attributes;
  return field === undefined || attributes === undefined ? undefined : { field, attributes };
}

/** The schema's name for a name of the XML. */
function fieldFor(name: string, schema: SchemaAttributes): string | undefined {
  const wanted = bare(name);
  const local = bare(name.slice(name.indexOf(':') + 1));
  const fields = fieldsOf(schema);
  return fields.get(wanted) ?? fields.get(local) ?? fields.get(`${wanted}s`);
}

/** The names of a schema by what they are without ornaments. */
function fieldsOf(schema: SchemaAttributes): ReadonlyMap<string, string> {
  const known = allFields.get(schema) ?? new Map(Object.keys(schema).toReversed().map((field) => [bare(field), field] as const));
  allFields.set(schema, known);
  return known;
}

const allFields = new WeakMap<SchemaAttributes, ReadonlyMap<string, string>>();

function bare(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isList(type: unknown): boolean {
  return Array.isArray(type) && (type[0] === 'list' || type[0] === 'set');
}

function without(attributes: XmlElement['attributes'], name: string): XmlElement['attributes'] {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));
}
