import { type XmlElement, element, renderXml } from '../../lib/domain-xml';
import type { Placeholders } from './placeholders';
import { literal } from './template';

const XSLT = 'http://www.w3.org/1999/XSL/Transform';

/**
 * An XSLT stylesheet that puts a document of ours in the place of whatever a provider made, as text of the synthesized
 * JSON. Format: https://www.w3.org/TR/xslt-10/
 */
export function stylesheet(document: XmlElement, placeholders: Placeholders): string {
  const root = element(
    'xsl:stylesheet',
    { version: '1.0', 'xmlns:xsl': XSLT },
    element('xsl:template', { match: '/' }, withPlainBraces(document)),
  );
  return placeholders.inXml(literal(renderXml(root)));
}

/** In attributes of a stylesheet, braces hold XPath unless they are doubled. */
function withPlainBraces(node: XmlElement): XmlElement {
  const attribute = (value: string) => value.replace(/[{}]/g, '$&$&').replace(/\0(\d+)\0/g, '\0a$1\0');
  return {
    ...node,
    attributes: Object.fromEntries(Object.entries(node.attributes).map(([name, value]) => [name, attribute(value)])),
    children: node.children.map((child) => (typeof child === 'string' ? child : withPlainBraces(child))),
  };
}
