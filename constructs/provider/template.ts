import { Tokenization } from 'cdktf';

/** An expression of Terraform's language, without the `${}` around it, e.g. `libvirt_volume.root.id`. */
export type Expression = string;

/** Text in the synthesized JSON that stands for an expression's value. */
export function interpolation(expression: Expression): string {
  return `\${${expression}}`;
}

/**
 * Text in the synthesized JSON that Terraform reads as the very text given, whatever it holds; tokens in it stay tokens.
 *
 * Terraform takes `${` and `%{` for templates and `$${` for an escaped one, so that a `$` before a plain escape would
 * change its meaning: the signs before a brace are therefore given as a string expression of their own.
 */
export function literal(text: string): string {
  let rendered = '';
  let pending = '';
  for (const part of text.split(TOKEN)) {
    if (!isToken(part)) pending += part;
    else {
      // Signs right before a token stand before a brace as well.
      rendered += escaped(pending).replace(/[$%]+$/, signsAlone) + part;
      pending = '';
    }
  }
  return rendered + escaped(pending);
}

/** The same for any JSON value: its texts and its keys. */
export function literals<T>(value: T): T {
  if (typeof value === 'string') return literal(value) as T;
  if (Array.isArray(value)) return value.map(literals) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [literal(key), literals(item as unknown)])) as T;
}

/** How the CDK writes a token into text. */
const TOKEN = /(\$\{TfToken\[[^\]]*\]\})/;

function isToken(part: string): boolean {
  if (!TOKEN.test(part)) return false;
  try {
    return Tokenization.reverseString(part).tokens.length === 1;
  } catch {
    // Text that only looks like a token.
    return false;
  }
}

function escaped(text: string): string {
  return text.replace(/[$%]+(?=\{)/g, signsAlone).replace(/([#&])(?=\{TfToken\[)/g, '$1${""}');
}

function signsAlone(signs: string): string {
  return interpolation(`"${signs}"`);
}
