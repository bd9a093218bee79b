import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Time to the first byte, in ms; short, so that a closed network falls through to the next way quickly. */
const FIRST_BYTE = 5_000;
/** Longest silence within a download, in ms. */
const SILENCE = 30_000;
/** Longest time for a whole download, in ms. */
const WHOLE = 15 * 60_000;

interface Answer {
  readonly response: Response;
  /** To be called for each piece that arrives; the wait starts afresh. */
  readonly heard: () => void;
  /** To be called at the end, or the timers hold the process. */
  readonly done: () => void;
}

/** Asks for `url`. Throws when no answer begins within 5 s, or when it is not a success. */
async function request(url: string, firstByte = FIRST_BYTE): Promise<Answer> {
  const abort = new AbortController();
  const giveUp = (why: string, ms: number) =>
    setTimeout(() => abort.abort(new Error(`${why} within ${ms / 1000} s`)), ms);
  let timer = giveUp('no answer', firstByte);
  const whole = giveUp('not finished', WHOLE);
  const heard = () => {
    clearTimeout(timer);
    timer = giveUp('no further data', SILENCE);
  };
  const done = () => [timer, whole].forEach(clearTimeout);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
    heard();
    return { response, heard, done };
  } catch (error) {
    done();
    abort.abort();
    throw error;
  }
}

/** Parses the JSON document at `url`; same limits as `request`. */
export async function fetchJson(url: string): Promise<unknown> {
  const { response, done } = await request(url);
  try {
    return await response.json();
  } finally {
    done();
  }
}

/**
 * Writes what is at `url` into `file` and returns its sha256 (hex). `onSize` hears the announced size in bytes, if any.
 */
export async function download(
  url: string,
  file: string,
  onSize: (bytes?: number) => void,
  firstByte = FIRST_BYTE,
): Promise<string> {
  const { response, heard, done } = await request(url, firstByte);
  try {
    if (!response.body) throw new Error('an answer without a body');
    const length = Number(response.headers.get('content-length'));
    onSize(length > 0 ? length : undefined);
    const hash = createHash('sha256');
    const listen = new Transform({
      transform(chunk: Buffer, _encoding, callback) {
        heard();
        hash.update(chunk);
        callback(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), listen, createWriteStream(file));
    return hash.digest('hex');
  } finally {
    done();
  }
}

/** `44 MB, about 9 s at 5 MB/s`; the speed is an ordinary home connection's. */
export function estimate(bytes: number | undefined): string {
  if (bytes === undefined) return 'size not announced, usually under a minute';
  return `${megabytes(bytes)}, about ${Math.max(1, Math.round(bytes / 5e6))} s at 5 MB/s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
