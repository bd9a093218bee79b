import { z } from 'zod';
import { ConfigurationError } from '../../memory/errors.ts';
import { readText } from '../file-text.ts';
import type { Draft, Format, LeftOut } from './format.ts';
import { formatOf } from './formats.ts';
import { readMarkdown } from './markdown.ts';

/** Characters and faults that an error shows. */
const SHOWN = 80;
const SHOWN_FAULTS = 3;
/** A longer file of Markdown was written by no one. */
const MOST_MARKDOWN = 16_000_000;

/** What stands in the records of an export. @throws ConfigurationError with the number of one that is none of this format */
export async function* readParts(
  records: AsyncIterable<unknown>,
  format: Format,
  file: string,
): AsyncGenerator<Draft | LeftOut> {
  let number = 0;
  for await (const record of records) {
    number += 1;
    const fault = formatOf(record) === format ? null : `got ${JSON.stringify(record).slice(0, SHOWN)}`;
    yield* fault === null ? readRecord(record, format, refuse) : refuse(fault);
  }

  function refuse(fault: string): never {
    throw new ConfigurationError(
      `${file}: record ${String(number)}: ${fault}. The file was taken for ${format.title} by its first record. Nothing was loaded.`,
    );
  }
}

function readRecord(record: unknown, format: Format, refuse: (fault: string) => never): readonly (Draft | LeftOut)[] {
  try {
    return format.read(record);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const faults = error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    return refuse(faults.slice(0, SHOWN_FAULTS).join('; '));
  }
}

/** What stands in a file of Markdown. @throws ConfigurationError where that is too long */
export async function* readMarkdownFile(file: string): AsyncGenerator<Draft | LeftOut> {
  let text = '';
  for await (const piece of readText(file)) {
    text += piece;
    if (text.length > MOST_MARKDOWN)
      throw new ConfigurationError(
        `${file}: expected at most ${String(MOST_MARKDOWN)} characters of Markdown, got more. Split it.`,
      );
  }
  yield* readMarkdown(text);
}
