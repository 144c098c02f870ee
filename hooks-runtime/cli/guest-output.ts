import { StringDecoder } from 'node:string_decoder';
import { Transform } from 'node:stream';
import { printable } from '../../lib/text';

/**
 * Carries a guest's output to one of our own streams: as it is to a file or pipe, and with its control characters made
 * visible to a terminal, on which a guest must not act.
 * @param prefix begins every line, where several guests share the stream; then control characters are always made visible
 */
export function guestOutput(target: NodeJS.WriteStream, prefix?: string): (chunk: Uint8Array) => void {
  if (prefix === undefined && !target.isTTY) return (chunk) => void target.write(chunk);
  const decoder = new StringDecoder('utf8');
  let atLineStart = true;
  return (chunk) => {
    const text = printable(decoder.write(Buffer.from(chunk)).replaceAll('\r\n', '\n'));
    if (text === '') return;
    if (prefix === undefined) return void target.write(text);
    const marked = text.replace(/\n(?=.)/gs, `\n${prefix}`);
    target.write(`${atLineStart ? prefix : ''}${marked}`);
    atLineStart = text.endsWith('\n');
  };
}

/** {@link guestOutput} as a stream to pipe into. */
export function guestOutputStream(target: NodeJS.WriteStream): Transform {
  const write = guestOutput(target);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      write(chunk);
      if (target.writableNeedDrain) target.once('drain', done);
      else done();
    },
  });
}
