import { type Html, html } from './html';
import type { ReportContent } from './report-content';
import { bytesForPeople, count, durationForPeople } from './text';

const WORDS = {
  completed: { word: 'Passed', meaning: 'It went to its end, and nothing failed. That does not say that what ran is harmless.' },
  failed: { word: 'Failed', meaning: 'It ended, and something failed; the reasons stand below.' },
  interrupted: { word: 'Interrupted', meaning: 'It was ended before it was done. What had been recorded until then is here.' },
  running: { word: 'Running', meaning: 'It had not ended when this page was written.' },
} as const;

/** What ran, how it ended, where, and how well it was kept apart. */
export function header({ record: { run } }: ReportContent): Html {
  const { word, meaning } = WORDS[run.status];
  const ended = run.endedAt === undefined ? undefined : Date.parse(run.endedAt) - Date.parse(run.startedAt);
  return html`<header>
<p class="brand">Sandform <span>run report</span></p>
<div class="title">
<h1>${run.address}</h1>
<p class="verdict">${mark(run.status)}${word}</p>
</div>
${run.command === undefined ? html`<p class="command none">No command: the hooks of the sandbox ran.</p>` : html`<p class="command"><code>${run.command}</code></p>`}
<p class="meaning">${meaning}</p>
<dl class="facts">
${fact('Began', html`<time datetime="${run.startedAt}">${run.startedAt.slice(11, 19)} <small>${run.startedAt.slice(0, 10)}, UTC</small></time>`)}
${fact('Took', ended === undefined ? 'not ended' : durationForPeople(ended))}
${exitCode(run.verdict?.command)}
${fact('Guest', html`${run.sandbox.domain.guest.name} <small>${bytesForPeople(run.sandbox.domain.memory)}, ${count(run.sandbox.domain.vcpus, 'CPU')}</small>`)}
${fact('Host', html`${run.host.name} <small>${run.host.hypervisor ?? run.sandbox.domain.hypervisor}, libvirt ${run.host.libvirt ?? 'unknown'}</small>`)}
</dl>
${isolation(run.isolation)}
</header>`;
}

function fact(term: string, value: Html | string): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function exitCode(command: { readonly exitCode: number | null; readonly signal: string | null } | undefined): Html | undefined {
  if (command === undefined) return undefined;
  return command.exitCode === null ? fact('Ended by', command.signal ?? 'a signal') : fact('Exit code', String(command.exitCode));
}

function isolation({ level, meaning }: ReportContent['record']['run']['isolation']): Html {
  const names = { 'hardware-virtualization': 'Hardware virtualization', emulation: 'Emulation', container: 'Container' } as const;
  return html`<p class="isolation ${level}"><strong>Isolation: ${names[level]}.</strong> ${meaning}</p>`;
}

/** A sign beside the word, so that colour is not all that tells. */
function mark(status: keyof typeof WORDS): Html {
  const paths = {
    completed: html`<path d="M5 10.5l3.2 3.2L15 7"/>`,
    failed: html`<path d="M6 6l8 8M14 6l-8 8"/>`,
    interrupted: html`<path d="M7.5 6v8M12.5 6v8"/>`,
    running: html`<path d="M7.5 5.5v9l7-4.5z"/>`,
  };
  return html`<svg viewBox="0 0 20 20" aria-hidden="true">${paths[status]}</svg>`;
}
