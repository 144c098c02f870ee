import { type Expression, interpolation } from './template';

/** Stands in XML for values that only Terraform will know. */
export class Placeholders {
  private readonly expressions: Expression[] = [];

  /** Text that stands for the expression's value. NUL marks it: no text of a user can hold one and be XML. */
  hold(expression: Expression): string {
    this.expressions.push(expression);
    return `\0${this.expressions.length - 1}\0`;
  }

  /** Puts the expressions where their placeholders stand in XML, with escapes; in attributes of a stylesheet, an `a` marks them. */
  inXml(text: string): string {
    return this.replaced(text, (expression, inAttribute) => escaped(expression, inAttribute ? [...XML_ESCAPES, ...PLAIN_BRACES] : XML_ESCAPES));
  }

  /** Puts the expressions where their placeholders stand in plain text. */
  inText(text: string): string {
    return this.replaced(text, (expression) => expression);
  }

  private replaced(text: string, rendered: (expression: Expression, inAttribute: boolean) => Expression): string {
    return text.replace(/\0(a?)(\d+)\0/g, (_, inAttribute: string, index: string) => interpolation(rendered(this.expressions[Number(index)] ?? '""', inAttribute !== '')));
  }
}

type Replacements = readonly (readonly [string, string])[];
/** As they stand in a string of Terraform's language. */
const XML_ESCAPES: Replacements = [['&', '&amp;'], ['<', '&lt;'], ['\\"', '&quot;']];
const PLAIN_BRACES: Replacements = [['{', '{{'], ['}', '}}']];

function escaped(expression: Expression, replacements: Replacements): Expression {
  return replacements.reduce((inner, [from, to]) => `replace(${inner}, "${from}", "${to}")`, expression);
}
