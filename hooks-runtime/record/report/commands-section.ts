import { errorCard } from './errors-section';
import { type Html, html } from './html';
import type { ReportContent, ShownCommand, ShownOutput } from './report-content';
import { bytesForPeople, count, durationForPeople, oneLine, offsetForPeople, plainText } from './text';

/** What ran in the guest, and what it wrote. */
export function commandsSection({ commands, omittedCommands, record: { run } }: ReportContent): Html | undefined {
  if (commands.length === 0) return undefined;
  const began = Date.parse(run.startedAt);
  return html`<section class="commands" aria-labelledby="commands">
<h2 id="commands">Commands <small>${count(commands.length + omittedCommands, 'command')}</small></h2>
${commands.map((shown) => commandCard(shown, began))}
${omittedCommands > 0 && html`<p class="note">${count(omittedCommands, 'more command')}: see <code>events.ndjson</code>.</p>`}
</section>`;
}

function commandCard({ command, outputs }: ShownCommand, began: number): Html {
  const { exitCode, signal, error, duration } = command;
  const [outcome, word]: [string, string] =
    error !== undefined ? ['bad', error.code] : exitCode === 0 ? ['good', 'exit 0'] : exitCode === undefined ? ['open', 'no end'] : ['bad', exitCode === null ? signal ?? 'signal' : `exit ${exitCode}`];
  return html`<details class="command" open>
<summary><span class="badge ${outcome}">${oneLine(word, 30)}</span><code>${oneLine(command.command, 500)}</code>
<span class="aside">${command.source === 'run' ? '' : `${command.source} · `}${offsetForPeople(command.startedAt - began)} s${duration === undefined ? '' : ` · took ${durationForPeople(duration)}`}</span></summary>
${error !== undefined && errorCard(error)}
${outputs.map(output)}
${outputs.length === 0 && html`<p class="note">${command.stdout === undefined ? 'Its output was not recorded: it went to whoever started it.' : 'It wrote nothing.'}</p>`}
</details>`;
}

function output({ stream, file, bytes, kept, head, tail, omitted }: ShownOutput): Html {
  return html`<figure class="output ${stream}">
<figcaption><span>${stream}</span> <a href="${file}">${bytesForPeople(bytes)}</a>${kept < bytes && html` <em>of which ${bytesForPeople(kept)} were kept</em>`}</figcaption>
<pre tabindex="0">${plainText(head)}${omitted > 0 && html`
<em class="cut">… ${bytesForPeople(omitted)} are left out here: see ${file} …</em>
${plainText(tail)}`}</pre>
</figure>`;
}
