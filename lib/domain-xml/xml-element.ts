import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** An XML element whose children are elements and texts in their order. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: (XmlElement | string)[];
}

/** Attributes as they are at hand; those that are undefined are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** An element; children that are undefined are left out. */
export function element(name: string, attributes: XmlAttributes = {}, ...children: (XmlElement | string | undefined)[]): XmlElement {
  const given = Object.entries(attributes).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return {
    name,
    attributes: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    children: children.filter((child) => child !== undefined),
  };
}

/**
 * XML in plain ASCII: all else stands as character references, so that no tool between synth and libvirt can change it.
 * NUL, which no XML may hold, goes through as it is: whoever puts it there replaces it afterwards.
 */
export function renderXml(root: XmlElement): string {
  const built = builder.build([ordered(root)]);
  return built.trim().replace(/[^\0-\x7e]/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

/** The root element of an XML text; undefined where there is none, or the text is no XML. */
export function parseXml(text: string): XmlElement | undefined {
  return nodesOf(text).map(fromOrdered).find((node) => typeof node === 'object' && !node.name.startsWith('?')) as XmlElement | undefined;
}

/** The element at the end of a path of names, the first one of each. */
export function elementAt(root: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(childOf, root);
}

/** The first child element of a name. */
export function childOf(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return childrenOf(parent, name)[0];
}

/** All child elements of a name, in their order. */
export function childrenOf(parent: XmlElement | undefined, name: string): XmlElement[] {
  return (parent?.children ?? []).filter((child): child is XmlElement => typeof child === 'object' && child.name === name);
}

/** The text directly inside an element. */
export function textOf(parent: XmlElement | undefined): string {
  return (parent?.children ?? []).filter((child) => typeof child === 'string').join('');
}

/** The form in which the XML library keeps the order of elements and texts. */
type OrderedNode = Record<string, unknown>;

const ATTRIBUTES = ':@';
const TEXT = '#text';
const common = { preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '' } as const;
// The library now keeps its builder in a package of its own; this one is the same.
// eslint-disable-next-line @typescript-eslint/no-deprecated
const builder = new XMLBuilder({ ...common, format: true, indentBy: '  ', suppressEmptyNode: true, suppressBooleanAttributes: false });
const parser = new XMLParser({ ...common, parseTagValue: false, parseAttributeValue: false, trimValues: false, htmlEntities: true });

function nodesOf(text: string): OrderedNode[] {
  try {
    return parser.parse(text) as OrderedNode[];
  } catch {
    // What the library throws says no more than that; whoever asked knows what the text was for.
    return [];
  }
}

function ordered(node: XmlElement | string): OrderedNode {
  if (typeof node === 'string') return { [TEXT]: node };
  return { [node.name]: node.children.map(ordered), ...(Object.keys(node.attributes).length > 0 ? { [ATTRIBUTES]: node.attributes } : {}) };
}

function fromOrdered(node: OrderedNode): XmlElement | string {
  if (TEXT in node) return String(node[TEXT]);
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
  return {
    name,
    attributes: (node[ATTRIBUTES] ?? {}) as Record<string, string>,
    children: ((node[name] ?? []) as OrderedNode[]).map(fromOrdered),
  };
}
