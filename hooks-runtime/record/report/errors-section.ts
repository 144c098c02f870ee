import type { Verdict } from '../../../lib/record';
import { type Html, html } from './html';
import type { ReportContent } from './report-content';
import { plainText } from './text';

type ErrorDocument = Verdict['reasons'][number];

/** How many errors are shown of a run, and characters of each of their texts. */
const SHOWN = 50;
const LENGTH = 2000;

/** Why the run did not pass. */
export function errorsSection({ record: { run } }: ReportContent): Html | undefined {
  const reasons = run.verdict?.reasons ?? [];
  if (reasons.length === 0) return undefined;
  const more = reasons.length - SHOWN;
  return html`<section class="errors" aria-labelledby="errors">
<h2 id="errors">Why it did not pass</h2>
${reasons.slice(0, SHOWN).map(errorCard)}
${more > 0 && html`<p class="note">${more} more are in <code>run.json</code>.</p>`}
</section>`;
}

/** One error: its code, and what was being done, given, expected, and how to fix it. */
export function errorCard({ code, doing, given, expected, fix }: ErrorDocument): Html {
  return html`<article class="error">
<h3><code>${code}</code> ${cut(doing)}</h3>
<dl>
${given !== undefined && row('given', given)}
${row('expected', expected)}
${row('fix', fix)}
</dl>
</article>`;
}

function row(term: string, text: string): Html {
  return html`<div><dt>${term}</dt><dd>${cut(text)}</dd></div>`;
}

function cut(text: string): string {
  const plain = plainText(text);
  return plain.length <= LENGTH ? plain : `${plain.slice(0, LENGTH)}… (${plain.length - LENGTH} more characters)`;
}
