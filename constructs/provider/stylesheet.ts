import { type XmlElement, element, renderXml } from '../../lib/domain-xml';
import { type Expression, interpolation, literal } from './template';

const XSLT = 'http://www.w3.org/1999/XSL/Transform';

/** Stands in XML for values that only Terraform will know. */
export class Placeholders {
  private readonly expressions: Expression[] = [];

  /** Text that stands for the expression's value. NUL marks it: no text of a user can hold one and be XML. */
  hold(expression: Expression): string {
    this.expressions.push(expression);
    return `\0${this.expressions.length - 1}\0`;
  }

  /** Puts the expressions where their placeholders stand. */
  fill(text: string): string {
    return text.replace(/\0(a?)(\d+)\0/g, (_, inAttribute: string, index: string) => {
      const expression = this.expressions[Number(index)] ?? '""';
      return interpolation(replaced(expression, inAttribute ? [...XML_ESCAPES, ...PLAIN_BRACES] : XML_ESCAPES));
    });
  }
}

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
  return placeholders.fill(literal(renderXml(root)));
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

type Replacements = readonly (readonly [string, string])[];
/** As they stand in a string of Terraform's language. */
const XML_ESCAPES: Replacements = [['&', '&amp;'], ['<', '&lt;'], ['\\"', '&quot;']];
const PLAIN_BRACES: Replacements = [['{', '{{'], ['}', '}}']];

function replaced(expression: Expression, replacements: Replacements): Expression {
  return replacements.reduce((inner, [from, to]) => `replace(${inner}, "${from}", "${to}")`, expression);
}
