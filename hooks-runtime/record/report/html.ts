import { printable } from '../../../lib/text';

/** Markup that is safe to put into a page: it can only be made by {@link html}. */
export class Html {
  private constructor(readonly markup: string) {}

  /** @internal */
  static of(markup: string): Html {
    return new Html(markup);
  }
}

/** What a template takes: text and numbers are escaped, nothing and `false` leave no trace. */
export type Value = Html | string | number | false | undefined | readonly Value[];

/**
 * Makes markup from a template. Every text that is put in is escaped, in attributes as well as between tags, and its control
 * characters and bidirectional overrides are made visible. Attributes must be quoted.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return Html.of(parts.map((part, index) => part + markupOf(values[index])).join(''));
}

/** Text of this program itself, such as its style sheet, as it is. Never anything that was given. */
export function ownMarkup(markup: string): Html {
  return Html.of(markup);
}

function markupOf(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(markupOf).join('');
  return printable(String(value)).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
