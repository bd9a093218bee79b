const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LABEL = 5;

/** A value between 0 and 1 at a moment, in ms since 1970. */
interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * An area of blocks over time, with its axes. Below the curve stands `now`, where it lies within; what comes after it may be dimmed.
 * The axis begins at the tenth below the least value, or the flat curve of forgetting would be a line. @param points in order, two at least
 */
export function plot(
  points: readonly Point[],
  { width, rows, now, dim }: { width: number; rows: number; now: number; dim: (text: string) => string },
): string[] {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const columns = Math.max(20, width - LABEL);
  const times = Array.from({ length: columns }, (_, column) => first + ((last - first) * column) / (columns - 1));
  const values = times.map((time) => valueAt(points, time));
  const least = Math.min(0.9, Math.floor(Math.min(...values) * 10) / 10);
  const present = Math.min(columns, times.filter((time) => time <= now).length);
  const lines = Array.from({ length: rows }, (_, row) => {
    const level = least + ((1 - least) * (rows - row)) / rows;
    const cells = values.map((value) => {
      const eighths = Math.round(((value - least) / (1 - least)) * rows * 8) - (rows - 1 - row) * 8;
      return BLOCKS[Math.max(0, Math.min(8, eighths))] ?? '';
    });
    const label = row === 0 ? level.toFixed(2) : ' '.repeat(LABEL - 1);
    return `${label}┤${cells.slice(0, present).join('')}${dim(cells.slice(present).join(''))}`;
  });
  return [
    ...lines,
    `${least.toFixed(2)}└${'─'.repeat(columns)}`,
    ' '.repeat(LABEL) + label(first, last, present, columns),
  ];
}

function valueAt(points: readonly Point[], time: number): number {
  return (points.findLast(({ at }) => at <= time) ?? points[0])?.value ?? 0;
}

/** The first day, `now` and the last day under their columns, as far as they fit. */
function label(first: number, last: number, present: number, columns: number): string {
  const [from, until] = [day(first), day(last)];
  const room = columns - from.length - until.length;
  const at = present - 2 - from.length;
  const between =
    at > 0 && at + 4 < room ? `${' '.repeat(at)}now${' '.repeat(room - at - 3)}` : ' '.repeat(Math.max(1, room));
  return from + between + until;
}

const day = (time: number) => new Date(time).toISOString().slice(0, 10);
