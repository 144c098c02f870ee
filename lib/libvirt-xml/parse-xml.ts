import { XMLParser } from 'fast-xml-parser';

/** An element of a parsed document. Attributes and children by name; all children of one name in order. */
export class XmlElement {
  constructor(private readonly node: Readonly<Record<string, unknown>> | string) {}

  /** Its own text, entities resolved. */
  get text(): string {
    if (typeof this.node === 'string') return this.node;
    const text = this.node[TEXT];
    return typeof text === 'string' ? text : '';
  }

  attribute(name: string): string | undefined {
    const value = typeof this.node === 'string' ? undefined : this.node[`${ATTRIBUTE}${name}`];
    return typeof value === 'string' ? value : undefined;
  }

  /** All elements at the end of a path of names. */
  all(...path: readonly string[]): XmlElement[] {
    const [name, ...rest] = path;
    if (name === undefined) return [this];
    const value = typeof this.node === 'string' ? undefined : this.node[name];
    const children = value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
    return children.filter(isNode).flatMap((child) => new XmlElement(child).all(...rest));
  }

  /** The first element at the end of a path of names. */
  first(...path: readonly string[]): XmlElement | undefined {
    return this.all(...path)[0];
  }

  /** Its elements with their names. */
  children(): [string, XmlElement][] {
    if (typeof this.node === 'string') return [];
    const names = Object.keys(this.node).filter((name) => name !== TEXT && !name.startsWith(ATTRIBUTE));
    return names.flatMap((name) => this.all(name).map((child): [string, XmlElement] => [name, child]));
  }
}

/**
 * The root element of a document that libvirt wrote; undefined for what is no XML.
 * Namespace prefixes stay part of the names.
 */
export function parseXml(xml: string): { readonly name: string; readonly root: XmlElement } | undefined {
  try {
    const document = parser.parse(xml, true) as Readonly<Record<string, unknown>>;
    const [first] = new XmlElement(document).children();
    return first === undefined ? undefined : { name: first[0], root: first[1] };
  } catch {
    // The parser's own errors have no codes; whoever asked knows what the document was for.
    return undefined;
  }
}

const ATTRIBUTE = '@';
const TEXT = '#text';
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

function isNode(value: unknown): value is Readonly<Record<string, unknown>> | string {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}
