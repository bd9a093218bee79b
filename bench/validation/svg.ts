import type { Figure, Series } from './target.ts';

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 400, 60, 200, 44, 48];
/** Told apart also by those who do not see red from green: Okabe & Ito 2008. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];

/** A figure as a picture of its own: a dot for what was published, a line for what the pipeline gives. */
export function drawFigure({ title, x, y, logarithmic, series }: Figure): string {
  const all = series.flatMap(({ points }) => points);
  const along = (value: number) => (logarithmic ? Math.log10(value) : value);
  const [low, high] = [Math.min(...all.map(([at]) => along(at))), Math.max(...all.map(([at]) => along(at)))];
  const values = all.map(([, value]) => value);
  const [bottom, top] = Math.min(...values) >= 0.9 ? [1, Math.ceil(Math.max(...values) * 10) / 10] : [0, 1];
  const placeX = (at: number) => LEFT + ((along(at) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const placeY = (value: number) => HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  const ticksX = ticksOf([low, high], logarithmic);
  const ticksY = Array.from({ length: 6 }, (_, at) => bottom + ((top - bottom) * at) / 5);
  const colours = colour(series);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${String(WIDTH)}" height="${String(HEIGHT)}" fill="#ffffff"/>`,
    text(LEFT, 24, title, 'font-size="14"'),
    ...ticksY.flatMap((value) => [
      `<path d="M${String(LEFT)} ${fixed(placeY(value))}H${String(WIDTH - RIGHT)}" stroke="#dddddd"/>`,
      text(LEFT - 8, placeY(value) + 4, value.toFixed(2), 'text-anchor="end"'),
    ]),
    ...ticksX.map(([at, label]) => text(placeX(at), HEIGHT - BOTTOM + 18, label, 'text-anchor="middle"')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, 'text-anchor="middle"'),
    text(16, HEIGHT / 2, y, `text-anchor="middle" transform="rotate(-90 16 ${String(HEIGHT / 2)})"`),
    ...series.map(({ dots, points }, at) =>
      dots
        ? points
            .map(
              ([a, b]) =>
                `<circle cx="${fixed(placeX(a))}" cy="${fixed(placeY(b))}" r="4" fill="${colours[at] ?? ''}"/>`,
            )
            .join('\n')
        : `<polyline points="${points.map(([a, b]) => `${fixed(placeX(a))},${fixed(placeY(b))}`).join(' ')}" fill="none" stroke="${colours[at] ?? ''}" stroke-width="1.5"/>`,
    ),
    ...series
      .map(({ name }, at) => ({ name, colour: colours[at] ?? '' }))
      .filter(({ name }) => name !== '')
      .flatMap(({ name, colour: fill }, at) => [
        `<circle cx="${String(WIDTH - RIGHT + 20)}" cy="${String(TOP + 8 + at * 20)}" r="4" fill="${fill}"/>`,
        text(WIDTH - RIGHT + 30, TOP + 12 + at * 20, name, ''),
      ]),
    '</svg>',
    '',
  ].join('\n');
}

/** A series without a name belongs to the one before it. */
function colour(series: readonly Series[]): string[] {
  let at = -1;
  return series.map(({ name }) => COLOURS[(at += name === '' ? 0 : 1) % COLOURS.length] ?? '#000000');
}

function ticksOf([low, high]: readonly [number, number], logarithmic: boolean): [at: number, label: string][] {
  if (logarithmic)
    return Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, at) => {
      const value = 10 ** (Math.ceil(low) + at);
      return [value, String(Number(value.toPrecision(3)))];
    });
  const step = high - low <= 4 ? 1 : 5;
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, at) => [
    low + at * step,
    String(low + at * step),
  ]);
}

const fixed = (value: number) => value.toFixed(1);
const escape = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x: number, y: number, value: string, attributes: string) =>
  `<text x="${fixed(x)}" y="${fixed(y)}" fill="#222222"${attributes === '' ? '' : ` ${attributes}`}>${escape(value)}</text>`;
