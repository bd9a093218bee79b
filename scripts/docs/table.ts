/**
 * A table in Markdown, without the columns that no row has anything in; prettier sets its widths later. A cell may hold backticks,
 * and its bars are escaped.
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_, index) => rows.some((row) => row[index] !== ''));
  const line = (cells: readonly string[]) =>
    `| ${cells
      .filter((_, index) => used[index])
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `` `text` ``, or nothing for nothing. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
