import { styleText } from 'node:util';
import { type SandformError } from '../../lib/errors';
import { printable } from '../../lib/text';

type Style = Parameters<typeof styleText>[0];

/** How a command talks: results on standard output, progress and errors on standard error. */
export interface Reporter {
  /** Whether results are wanted as JSON. */
  readonly json: boolean;
  /** Begins a step; call what it returns at its end. Shown with its duration. */
  step(title: string): (outcome?: string) => void;
  /** How far something is: a live line on a terminal, a line now and then elsewhere, a document where JSON is wanted. */
  progress(document: object, text: () => string): void;
  /** A line for people; nothing where JSON is wanted. */
  note(text: string): void;
  /** The result: a document where JSON is wanted, else the text. */
  result(document: object, text: () => string): void;
  error(error: SandformError): void;
}

/** The reporter that fits: JSON on request, a live line on a terminal, plain lines elsewhere. */
export function createReporter({ json }: { readonly json: boolean }): Reporter {
  return json ? new JsonReporter() : new TextReporter(process.stderr.isTTY);
}

class JsonReporter implements Reporter {
  readonly json = true;
  step(title: string): () => void {
    const start = performance.now();
    return () => process.stderr.write(`${JSON.stringify({ step: title, milliseconds: Math.round(performance.now() - start) })}\n`);
  }
  progress(document: object): void {
    process.stderr.write(`${JSON.stringify({ progress: document })}\n`);
  }
  note(): void {
    // Notes are for people.
  }
  result(document: object): void {
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
  error(error: SandformError): void {
    process.stdout.write(`${JSON.stringify({ error })}\n`);
  }
}

const CLEAR_LINE = '\r\u001b[2K';
/** Where there is no terminal, a progress is told so often. */
const PLAIN_EVERY_MS = 5_000;
const FRAMES = ['◐', '◓', '◑', '◒'];

class TextReporter implements Reporter {
  readonly json = false;
  private live: { title: string; start: number; ticker: NodeJS.Timeout } | undefined;

  /** Whether a progress stands on the last line. */
  private isOnLine = false;
  /** When a progress was last told as a line of its own. */
  private told = performance.now();

  constructor(private readonly terminal: boolean) {}

  step(title: string): (outcome?: string) => void {
    const start = performance.now();
    const safe = printable(title, { singleLine: true });
    if (this.terminal) this.show(safe, start);
    return (outcome) => {
      this.hide();
      const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
      process.stderr.write(`${seconds} s  ${safe}${outcome === undefined ? '' : `: ${printable(outcome, { singleLine: true })}`}\n`);
    };
  }

  progress(_document: object, text: () => string): void {
    if (this.terminal) {
      this.hide();
      process.stderr.write(`${CLEAR_LINE}${printable(text(), { singleLine: true })}`);
      this.isOnLine = true;
    } else if (performance.now() - this.told > PLAIN_EVERY_MS) {
      this.told = performance.now();
      process.stderr.write(`${printable(text(), { singleLine: true })}\n`);
    }
  }

  note(text: string): void {
    this.hide();
    process.stderr.write(`${printable(text)}\n`);
  }

  result(_document: object, text: () => string): void {
    this.hide();
    process.stdout.write(`${text()}\n`);
  }

  error(error: SandformError): void {
    this.hide();
    const [first = '', ...rest] = error.format().split('\n');
    const code = first.slice(0, error.code.length);
    process.stderr.write([`${styled(['red', 'bold'], code)}${first.slice(error.code.length)}`, ...rest, ''].join('\n'));
  }

  private show(title: string, start: number): void {
    this.hide();
    const draw = (): void => {
      const elapsed = performance.now() - start;
      process.stderr.write(`${CLEAR_LINE}${FRAMES[Math.floor(elapsed / 120) % FRAMES.length] ?? ''} ${title} ${(elapsed / 1000).toFixed(0)} s`);
    };
    this.live = { title, start, ticker: setInterval(draw, 120).unref() };
    draw();
  }

  private hide(): void {
    if (this.live === undefined && !this.isOnLine) return;
    clearInterval(this.live?.ticker);
    this.live = undefined;
    this.isOnLine = false;
    process.stderr.write(CLEAR_LINE);
  }
}

function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}
