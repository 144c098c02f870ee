import { createHash } from 'node:crypto';
import { commandsSection } from './commands-section';
import { errorsSection } from './errors-section';
import { header } from './header';
import { hooksSection } from './hooks-section';
import { type Html, html, ownMarkup } from './html';
import { overview } from './overview';
import { picturesSection } from './pictures-section';
import type { ReportContent } from './report-content';
import { sandboxSection } from './sandbox-section';
import { STYLE } from './style';
import { timelineSection } from './timeline-section';

/** The whole report, as the text of a file. */
export function page(content: ReportContent): string {
  const { run } = content.record;
  const sections = [errorsSection(content), overview(content), commandsSection(content), picturesSection(content), hooksSection(content), timelineSection(content), sandboxSection(content)];
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${run.address} ${run.status} — Sandform run ${run.id}</title>
<link rel="icon" href="data:,">
<style>${ownMarkup(STYLE)}</style>
</head>
<body class="${run.status}">
${header(content)}
<main>
${sections}
</main>
${footer(content)}
</body>
</html>
`.markup;
}

/** Nothing is loaded and nothing is run: the one style sheet is known by its digest, and pictures lie in the page itself. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;

function footer({ record: { run } }: ReportContent): Html {
  return html`<footer>
<p>Run <code>${run.id}</code>, recorded by Sandform ${run.software.sandform} on Node ${run.software.node}. This page is complete in itself, loads nothing and runs no script.
The whole record lies beside it: <code>run.json</code>, <code>events.ndjson</code>, <code>artifacts/</code>. What a guest wrote is data: control characters are shown as <code>\\x1b</code>, colours are left out.</p>
</footer>`;
}
