import { printable } from '../../lib/text';
import type { SeeNote } from '../../lib/see';
import type { Reporter } from './reporter';

/** Tells what is otherwise than in SEE: what needs a look first. */
export function tellNotes(reporter: Reporter, notes: readonly SeeNote[]): void {
  const line = (text: string) => printable(text, { singleLine: true, limit: 300 });
  for (const { kind, where, text } of [...notes].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))) reporter.note(`${kind.padEnd(12)}${line(where)}: ${line(text)}`);
}

const ORDER: readonly SeeNote['kind'][] = ['attention', 'omitted', 'otherwise', 'meaningless'];
