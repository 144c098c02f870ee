import type { SandboxSpec } from '../../../lib/spec';
import { type Html, html } from './html';
import type { ReportContent } from './report-content';
import { bytesForPeople, count, durationForPeople } from './text';

/** What the sandbox was, as it was declared. */
export function sandboxSection({ record: { run } }: ReportContent): Html {
  const { domain, conduct, identity } = run.sandbox;
  const labels = Object.entries(conduct.labels);
  return html`<section class="sandbox" aria-labelledby="sandbox">
<h2 id="sandbox">Sandbox</h2>
<dl class="pairs">
${pair('Domain', html`<code>${domain.name}</code> on <code>${run.host.uri}</code>`)}
${pair('Hypervisor', `${domain.other?.name ?? domain.hypervisor}${domain.accelerator === undefined ? '' : `, ${domain.accelerator}`}, ${domain.arch}${domain.machine === undefined ? '' : `, ${domain.machine}`}`)}
${pair('Memory', `${bytesForPeople(domain.memory)}, ${count(domain.vcpus, 'CPU')}`)}
${pair('Disks', list(domain.disks.map(diskForPeople)))}
${pair('Networks', list(domain.nics.map(({ network, mac, model }) => `${network} (${model}, ${mac})`)))}
${domain.filesystems.length > 0 && pair('Shared folders', list(domain.filesystems.map(({ source, target, readonly }) => `${source} at ${target}${readonly ? ', read-only' : ''}`)))}
${pair('Power', conduct.power === 'managed' ? 'on for runs only' : 'on from deploy to destroy')}
${pair('Owner', conduct.owner ?? 'none')}
${pair('Lives', conduct.ttl === undefined ? 'until it is destroyed' : `${durationForPeople(conduct.ttl)} from ${identity.birth ?? 'its birth'}`)}
${labels.length > 0 && pair('Labels', list(labels.map(([key, value]) => `${key}=${value}`)))}
</dl>
<details><summary>The whole description</summary><pre tabindex="0">${JSON.stringify(run.sandbox, null, 2)}</pre></details>
</section>`;
}

function pair(term: string, value: Html | string): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function list(items: readonly string[]): Html {
  return items.length === 0 ? html`none` : html`${items.slice(0, 100).map((item) => html`<span class="item">${item}</span>`)}`;
}

function diskForPeople({ name, image, size, bus }: SandboxSpec['domain']['disks'][number]): string {
  return `${name}: ${bytesForPeople(size)}, ${bus}${image === undefined ? ', blank' : `, over ${image.digest.slice(0, 12)}`}`;
}
