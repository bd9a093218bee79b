import { parse, CsvError } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { Readable } from 'node:stream';
import { ConfigurationError } from '../../memory/errors.ts';
import { readText } from '../file-text.ts';

/** The columns that the first line of a CSV file names. */
export function readColumns(line: string): string[] {
  try {
    return parseNow(line)[0] ?? [];
  } catch {
    return [];
  }
}

/** The rows of a CSV file with a first line of names; an empty field is null, as PostgreSQL writes it. @throws ConfigurationError */
export async function* readCsvRecords(file: string): AsyncGenerator {
  const rows = Readable.from(readText(file)).pipe(parse({ columns: true, skip_empty_lines: true, cast: toNull }));
  try {
    for await (const row of rows) yield row;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ConfigurationError(`${file}: no valid CSV: ${error.message}. Nothing was loaded.`, { cause: error });
  }
}

const toNull = (value: string, { quoting, header }: { quoting: boolean; header: boolean }) =>
  value === '' && !quoting && !header ? null : value;
