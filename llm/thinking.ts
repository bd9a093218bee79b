/** How models mark what they think before they answer, where the server does not take it out itself. */
const MARKS = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['[THINK]', '[/THINK]'],
] as const;

/** The marks that end a thinking, as a regular expression. */
export const ENDS_OF_THINKING = MARKS.map(([, close]) => close.replace(/[[\]/]/g, String.raw`\$&`)).join('|');

/**
 * An answer without the thinking that it begins with: newer servers take that out, older ones leave it there, and the same call
 * is to give the same text with both. Empty when the thinking never ends. Marks that stand later in a text belong to it.
 */
export function withoutThinking(text: string): string {
  const opened = MARKS.find(([open]) => text.trimStart().startsWith(open));
  return opened === undefined ? withoutUnopened(text) : afterAll(text, opened);
}

function afterAll(text: string, [open, close]: (typeof MARKS)[number]): string {
  let rest = text.trimStart();
  while (rest.startsWith(open)) {
    const end = rest.indexOf(close);
    if (end < 0) return '';
    rest = rest.slice(end + close.length).trimStart();
  }
  return rest;
}

/** Some templates open the thinking in the prompt, so that the answer holds only its end, which then ends a line. */
function withoutUnopened(text: string): string {
  for (const [open, close] of MARKS) {
    const [before = '', ...after] = text.split(close, 2);
    const end = before.length + close.length;
    if (after.length > 0 && !before.includes(open) && /^[ \t]*(?:[\r\n]|$)/.test(text.slice(end)))
      return text.slice(end).trimStart();
  }
  return text;
}

/** What stands behind the last mark that ends a thinking, wherever that is; all where there is none. */
export function behindThinking(text: string): string {
  const ends = MARKS.map(([, close]) => [text.lastIndexOf(close), close.length] as const);
  return text.slice(Math.max(0, ...ends.map(([at, length]) => (at < 0 ? 0 : at + length))));
}
