/**
 * Makes any text safe to print on a terminal: control characters (ESC, BEL, CR, bidi overrides, ...) and characters without
 * width appear as `\xNN` or `\u{NNNN}` instead of acting. Line feeds and tabs stay unless `singleLine` is set.
 */
export function printable(text: string, { singleLine = false, limit = Infinity }: { singleLine?: boolean; limit?: number } = {}): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}… (${text.length - limit} more characters)` : text;
  return cut.replace(singleLine ? INVISIBLE_OR_BREAK : INVISIBLE, escaped);
}

const BIDI_AND_SEPARATORS = '\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff';
/** Characters without width, and the tags that can hide a text in another. */
const ZERO_WIDTH = '\\u00ad|\\u034f|[\\u115f\\u1160\\u180e\\u200b\\u200c\\u2060-\\u2065\\u206a-\\u206f\\u3164\\uffa0]|[\\u{e0000}-\\u{e0fff}]';
/** A joiner makes one emoji of several; anywhere else it only hides. */
const STRAY_JOINER = '(?<!\\p{Extended_Pictographic}\\ufe0f?|\\p{Emoji_Modifier})\\u200d|\\u200d(?!\\p{Extended_Pictographic})';

const HIDDEN = `[${BIDI_AND_SEPARATORS}]|${ZERO_WIDTH}|\\p{Surrogate}|${STRAY_JOINER}`;
const INVISIBLE = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]|${HIDDEN}`, 'gu');
const INVISIBLE_OR_BREAK = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f]|${HIDDEN}`, 'gu');

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return '\\n';
  if (code === 0x09) return '\\t';
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
