/** Longest reason that still reads as part of a sentence, in characters. */
const LONGEST = 300;

/** How a server's log words an error: as JSON, as `key="value"`, as `FATAL:  …`. */
const WORDINGS = [/"message":"((?:[^"\\]|\\.)*)"/, /\berror="((?:[^"\\]|\\.)*)"/, /\b(?:fatal|panic|error):\s+(.+)/i];

/**
 * Why a server did not start, in a few words of its log: the first line that tells of an error, else the last one. Empty
 * when the log is.
 */
export function reasonIn(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.find((line) => /\b(?:error|fatal|panic)\b/i.test(line) && !/\bWARN/.test(line));
  const line = telling ?? lines.at(-1) ?? '';
  const [told] = WORDINGS.flatMap((wording) => wording.exec(line)?.[1] ?? []);
  return (told ?? line).trim().slice(0, LONGEST);
}

/** Lines that tell of a port that is taken, of whatever server and system; PostgreSQL names it in the second. */
const TAKEN =
  /address already in use|only one usage of each socket address|another postmaster already running on port/i;
/** After a kill -9 PostgreSQL's own children need a moment to notice and to let go. */
const HELD = /shared memory block .* is still in use/;

/** Whether the next try may succeed with nothing changed but its ports. */
export function isPassing(log: string): boolean {
  return TAKEN.test(log) || HELD.test(log);
}

/** Those of `ports` that the log says somebody else has. */
export function takenIn(log: string, ports: readonly number[]): number[] {
  const lines = log.split('\n').filter((line) => TAKEN.test(line));
  return ports.filter((port) => lines.some((line) => new RegExp(`\\b${port}\\b`).test(line)));
}
