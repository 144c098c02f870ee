import { type Html, html } from './html';
import type { ReportContent, ShownPicture } from './report-content';
import { bytesForPeople, count, offsetForPeople, oneLine } from './text';

/** Pictures that were taken, and the other files that hooks kept. */
export function picturesSection({ pictures, files, record: { run } }: ReportContent): Html {
  const began = Date.parse(run.startedAt);
  return html`${pictures.length > 0 && html`<section class="pictures" aria-labelledby="pictures">
<h2 id="pictures">Screen <small>${count(pictures.length, 'different picture')}</small></h2>
<div class="grid">${pictures.map((picture) => figure(picture, began))}</div>
</section>`}
${files.length > 0 && html`<section class="files" aria-labelledby="files">
<h2 id="files">Files <small>kept by hooks</small></h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">File</th><th scope="col">From</th><th scope="col" class="number">Size</th></tr></thead>
<tbody>${files.slice(0, 500).map((file) => html`<tr><th scope="row">${oneLine(file.kind, 100)}</th><td><a href="${file.file}">${file.file}</a></td><td>${file.source}</td><td class="number">${bytesForPeople(file.size)}</td></tr>`)}</tbody>
</table>
</section>`}`;
}

function figure({ artifact, dataUri }: ShownPicture, began: number): Html {
  const when = `${offsetForPeople(artifact.at - began)} s`;
  const why = oneLine(artifact.reason ?? artifact.kind, 100);
  return html`<figure>
${dataUri === undefined
    ? html`<a class="missing" href="${artifact.file}">${artifact.mediaType}, ${bytesForPeople(artifact.size)}: not shown here</a>`
    : html`<a href="${artifact.file}"><img src="${dataUri}" alt="Screen of the sandbox at ${when}, ${why}"></a>`}
<figcaption><b>${when}</b> ${why}</figcaption>
</figure>`;
}
