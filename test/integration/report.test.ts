import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { SandformError } from '../../lib/errors';
import { isolationOf } from '../../lib/isolation';
import { printable } from '../../lib/text';
import { RunRecord, RunRecorder, writeReport } from '../../hooks-runtime/record';
import { fakeSpec } from '../../testing';
import { openBrowser } from './fixtures/browser';

/** What a hostile guest, hook or operator might plant, one of each kind. */
const HOSTILE = [
  `<script>window.pwned = 1; alert('script')</script>`,
  `"><img src=x onerror="window.pwned = 1; alert('img')">`,
  `' onmouseover='alert(1)' style='position:fixed;inset:0'`,
  `</style><style>body{display:none}</style></pre></details></table></svg></title>`,
  '<svg/onload=alert(1)><iframe src="javascript:alert(1)"></iframe><base href="https://evil.invalid/">',
  'javascript:alert(1) data:text/html,<script>alert(1)</script> &lt;b&gt; &#x3c;b&#x3e;',
  '\u001b]0;title\u0007\u001b[2J\u001b[1;1H\u001b[?1049h beep\u0007',
  'safe\u202egnp.exe\u202c \u2066isolate\u2069 \u200bzero\u200dwidth\ufeff \u{e0041}tag',
  '${7*7} {{7*7}} `ls` $(ls) emoji 🙂👨‍👩‍👧 \ud800 lone \u0000 null \r return',
].join(' ¶ ');

/** What a report may link to or show: files of its record, and pictures that it holds. */
const LINK = /^(artifacts\/[a-z0-9.-]+|data:,|data:image\/png;base64,[\w+/=]+)$/;

let folder: string;
let browser: BrowserContext;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-report-'));
  browser = await openBrowser(folder);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A record in which every text that somebody else chooses is `text`. */
function recordOf(text: string, { outcome = 'failed' }: { outcome?: 'passed' | 'failed' | 'interrupted' } = {}): RunRecorder {
  const spec = fakeSpec({ conduct: { labels: { note: text.slice(0, 256) }, owner: text.slice(0, 256), ttl: 60_000, hooks: [{ name: 'declared', from: { package: 'x', export: 'X' }, config: { text } }] } });
  // What is written into XML can't hold control characters.
  const forXml = text.replace(/[\p{Cc}\p{Cs}]/gu, '');
  spec.domain.kernelBoot = { kernel: { digest: 'a'.repeat(64), format: 'raw', virtualSize: 1 }, cmdline: forXml };
  spec.domain.filesystems = [{ source: forXml, target: forXml, readonly: true }];
  const error = new SandformError('HOOK_FAILED', { doing: text, given: text, expected: text, fix: text, details: { text } });
  const recorder = RunRecorder.create(join(folder, 'runs'), {
    address: 'lab/victim',
    sandbox: spec,
    isolation: isolationOf({ hypervisor: 'qemu', accelerator: 'tcg' }),
    host: { name: text, uri: text, libvirt: text, hypervisor: text },
    software: { sandform: text, node: text },
    command: text,
  });
  recorder.hookAttached(text, text);
  recorder.event({ name: text, source: text, timestamp: Date.now(), data: { [text]: text } });
  recorder.event({ name: 'screenshot_taken', source: text, timestamp: Date.now(), data: { artifact: text, reason: text } });
  recorder.note(text, text);
  recorder.failure(text, error, text);
  const command = recorder.startCommand(text, text);
  command.stdout(Buffer.from(`\u001b[31;1mcoloured\u001b[0m ${text}\r\n`));
  command.stderr(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0xc3, 0x28])]));
  command.end({ exitCode: null, signal: text, duration: 3, error });
  recorder.add('screenshot', PNG.sync.write(new PNG({ width: 64, height: 48 })), { mediaType: 'image/png', source: text, reason: text });
  recorder.add('screenshot', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), { mediaType: 'image/svg+xml', source: text, reason: text });
  recorder.add(text, Buffer.from(text), { mediaType: text, source: text, reason: text });
  recorder.hookDetached(text, { calls: 1, duration: 1, dropped: 3 });
  recorder.finish({ outcome, reasons: outcome === 'passed' ? [] : [error.toJSON()], command: { exitCode: null, signal: text } });
  return recorder;
}

/** Opens a report, and tells all that happened which should not have. */
async function opened(report: string): Promise<{ page: Page; incidents: string[] }> {
  const incidents: string[] = [];
  const page = await browser.newPage();
  page.on('dialog', (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => incidents.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
  page.on('popup', () => incidents.push('popup'));
  page.on('request', (request) => {
    if (request.url() !== `file://${report}`) incidents.push(`request: ${request.url().slice(0, 200)}`);
  });
  await page.goto(`file://${report}`);
  return { page, incidents };
}

const reportOf = async (recorder: RunRecorder) => writeReport(await RunRecord.open(recorder.folder));

describe('a report of a hostile run', () => {
  let page: Page;
  let incidents: string[];
  let report: string;
  beforeAll(async () => {
    report = await reportOf(recordOf(HOSTILE));
    ({ page, incidents } = await opened(report));
    await page.evaluate(`document.querySelectorAll('details').forEach((details) => { details.open = true; })`);
    await page.mouse.move(300, 300);
  });
  afterAll(() => page.close());

  it('executes nothing, loads nothing, and breaks no rule of its own policy', async () => {
    expect(incidents).toEqual([]);
    expect(await page.evaluate(`'pwned' in window`)).toBe(false);
  });

  it('holds no element or attribute that was planted', async () => {
    expect(
      await page.evaluate(`({
        elements: document.querySelectorAll('script, iframe, object, embed, base, form, [style]').length,
        handlers: [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith('on')),
        links: [...document.querySelectorAll('[href], [src]')].map((element) => element.getAttribute('href') ?? element.getAttribute('src')).filter((target) => !${LINK.toString()}.test(target)),
        styles: document.querySelectorAll('style').length,
        titles: document.querySelectorAll('head > title').length,
      })`),
    ).toEqual({ elements: 0, handlers: [], links: [], styles: 1, titles: 1 });
  });

  it('shows what was planted as text, with what is invisible made visible', async () => {
    const shown = printable(HOSTILE);
    const text = await page.evaluate<string>('document.body.textContent');
    // host, footer, command, errors, output, timeline, ...
    expect(text.split(shown).length).toBeGreaterThan(25);
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/);
  });

  it('shows outputs without colours, and bytes that are no text as replacement characters', async () => {
    const [stdout, stderr] = await page.locator('figure.output pre').allTextContents();
    const asBytes = Buffer.from(HOSTILE).toString();
    expect(stdout).toBe(printable(`coloured ${asBytes}\n`));
    expect(stderr).toBe(printable(`${asBytes}\ufffd\ufffd\ufffd(`));
  });

  it('shows pictures that are some, and names those that are not', async () => {
    expect(await page.locator('.pictures img').count()).toBe(1);
    expect(await page.evaluate(`document.querySelector('.pictures img').naturalWidth`)).toBe(64);
    expect(await page.locator('.pictures .missing').count()).toBe(1);
  });

  it('states the isolation level and the verdict', async () => {
    expect(await page.locator('.isolation').textContent()).toMatch(/^Isolation: Emulation\./);
    expect(await page.locator('.verdict').textContent()).toBe('Failed');
  });

  it('never scrolls sideways, down to the width of a telephone', async () => {
    for (const width of [1180, 360]) {
      await page.setViewportSize({ width, height: 800 });
      const outside = `[...document.querySelectorAll('body *')]
        .filter((element) => element.closest('.scroll') === null && (element.getBoundingClientRect().right > innerWidth + 1 || (element.scrollWidth > innerWidth && getComputedStyle(element).overflowX === 'visible')))
        .map((element) => element.outerHTML.slice(0, 80))`;
      expect(await page.evaluate(outside)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    await page.setViewportSize({ width: 1180, height: 900 });
  });
});

describe('a report', () => {
  it('says how a run ended, in word and colour', async () => {
    for (const [outcome, word] of [['passed', 'Passed'], ['failed', 'Failed'], ['interrupted', 'Interrupted']] as const) {
      const { page } = await opened(await reportOf(recordOf('plain', { outcome })));
      expect(await page.locator('.verdict').textContent()).toBe(word);
      await page.close();
    }
  });

  it('stays small whatever a run wrote, and says what it left out', async () => {
    const recorder = recordOf('plain');
    const big = RunRecorder.create(join(folder, 'runs'), { ...(({ address, sandbox, isolation, host, software }) => ({ address, sandbox, isolation, host, software }))(recorder.run) });
    for (let n = 0; n < 5_000; n += 1) big.event({ name: 'tick', source: 'x', timestamp: Date.now(), data: { n, text: '<b>'.repeat(100) } });
    for (let n = 0; n < 400; n += 1) {
      const command = big.startCommand(`seq ${n}`, 'x');
      command.stdout(Buffer.from(`begin ${'<&>\u001b'.repeat(30_000)} end`));
      command.end({ exitCode: 0, signal: null, duration: 1 });
    }
    // Only the first bytes are those of a picture: making real ones takes long.
    for (let n = 0; n < 30; n += 1) big.add('screenshot', Buffer.concat([PNG.sync.write(new PNG({ width: 1, height: 1 })), randomBytes(2 ** 20)]), { mediaType: 'image/png', source: 'x' });
    big.finish({ outcome: 'passed', reasons: [] });
    const report = await reportOf(big);
    expect(statSync(report).size).toBeLessThan(48 * 2 ** 20);
    const { page, incidents } = await opened(report);
    expect(incidents).toEqual([]);
    expect(await page.locator('.timeline .gap').textContent()).toContain('left out');
    expect(await page.locator('.commands > .note').textContent()).toContain('100 more commands');
    const first = await page.locator('figure.output pre').first().textContent();
    expect(first).toMatch(/^begin /);
    expect(first).toMatch(/left out here: see artifacts\/\d+-stdout\.txt …\s[^]* end$/);
    await page.close();
  }, 120_000);

  it('of a run that was killed can be written and opened', async () => {
    const recorder = recordOf('plain');
    const file = join(recorder.folder, 'run.json');
    const { verdict: _verdict, summary: _summary, endedAt: _endedAt, ...run } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...run, status: 'running', owner: { ...run.owner, startTime: '1' } }));
    const { page, incidents } = await opened(await reportOf(recorder));
    expect(incidents).toEqual([]);
    expect(await page.locator('.verdict').textContent()).toBe('Interrupted');
    await page.close();
  });
});
