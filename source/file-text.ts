import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';

/** Thrown when a file holds bytes that are no text in its encoding; `line` counts from 1. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
  constructor(readonly line: number) {
    super('expected UTF-8, got other bytes (UTF-16 needs a byte order mark)');
  }
}

/**
 * The text of a file, piece by piece, without its byte order mark: UTF-8, or UTF-16 where the mark says so, as programs on
 * Windows write it.
 * @throws NotTextError, and what the file system says
 */
export async function* readText(file: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let line = 1;
  for await (const bytes of createReadStream(file) as AsyncIterable<Buffer>) {
    decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true });
    const text = decode(decoder, bytes, line);
    line += countLines(text);
    yield text;
  }
  if (decoder !== undefined) yield decode(decoder, undefined, line);
}

/** The lines of a file, without their ends; not cut at U+2028, which may stand in JSON as it is. @throws as `readText` */
export async function* readLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of readText(file)) {
    // Only the new piece is searched: a line of many megabytes comes in many of them.
    if (!/[\r\n]/.test(text)) {
      rest += text;
      continue;
    }
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  const last = rest.split('\r');
  if (last.at(-1) === '') last.pop();
  yield* last;
}

function encodingOf(bytes: Buffer): string {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE();
  return mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
}

function decode(decoder: TextDecoder, bytes: Buffer | undefined, line: number): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    // A character that was cut in two by the piece before is none of the faults.
    const until =
      new TextDecoder(decoder.encoding)
        .decode(bytes)
        .replace(/^\ufffd{1,3}/, '')
        .split('\ufffd')[0] ?? '';
    throw new NotTextError(line + countLines(until));
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
