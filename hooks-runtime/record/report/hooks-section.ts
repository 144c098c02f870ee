import type { HookSummary } from '../../../lib/record';
import { errorCard } from './errors-section';
import { type Html, html } from './html';
import type { ReportContent } from './report-content';
import { count, durationForPeople, offsetForPeople } from './text';

/** How many errors are shown of one hook. */
const SHOWN = 5;

/** The hooks, what became of them, and how long they took. */
export function hooksSection({ record: { hooks, run } }: ReportContent): Html {
  if (hooks.length === 0) return html`<section class="hooks" aria-labelledby="hooks"><h2 id="hooks">Hooks</h2><p class="note">No hooks were attached.</p></section>`;
  const began = Date.parse(run.startedAt);
  return html`<section class="hooks" aria-labelledby="hooks">
<h2 id="hooks">Hooks <small>${count(hooks.length, 'hook')}</small></h2>
<table>
<thead><tr><th scope="col">Hook</th><th scope="col">Outcome</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Time</th><th scope="col">From</th></tr></thead>
<tbody>${hooks.slice(0, 500).map((hook) => rows(hook, began))}</tbody>
</table>
</section>`;
}

function rows(hook: HookSummary, began: number): Html {
  const { name, from, outcome, calls, duration, failures, dropped, errors } = hook;
  const tone = { passed: 'good', failed: 'bad', running: 'open' }[outcome.status];
  return html`<tr>
<th scope="row">${name}</th>
<td><span class="badge ${tone}">${outcome.code ?? (outcome.status === 'running' ? 'no end' : outcome.status)}</span></td>
<td class="number">${calls.toLocaleString('en')}</td>
<td class="number">${durationForPeople(duration)}</td>
<td><code>${from}</code></td>
</tr>
${failures > 0 && html`<tr class="more"><td colspan="5"><details><summary>${count(failures, 'failure')}${dropped > 0 ? `, ${count(dropped, 'event')} dropped` : ''}</summary>
${errors.slice(0, SHOWN).map(({ at, event, error }) => html`<p class="when">${offsetForPeople(at - began)} s${event === undefined ? '' : `, on ${event}`}</p>${errorCard(error)}`)}
${failures > SHOWN && html`<p class="note">More are in <code>events.ndjson</code>.</p>`}
</details></td></tr>`}`;
}
