import { readdirSync } from 'node:fs';
import { ConfigurationError } from '../memory/errors.ts';
import { readSql } from './statement.ts';

/** A step in the history of a database's tables. Files are only ever added: what has been released stays as it is. */
export interface Migration {
  /** From 1, without a gap. */
  readonly version: number;
  /** `000001.sql` */
  readonly file: string;
  readonly sql: string;
}

/** The migrations of a folder, in order; other files may lie beside them. */
export function listMigrations(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{6}\.sql$/.test(file))
    .sort()
    .map((file) => ({ version: Number(file.slice(0, 6)), file, sql: readSql(new URL(file, folder)) }));
}

/** What a database of a version still lacks. `name` is the database in words, `otherwise` what to do but to update the program. */
export interface Present {
  /** 0: none has been applied. */
  readonly version: number;
  readonly name: string;
  readonly otherwise: string;
}

/** @throws ConfigurationError when a newer version of the program has already brought the database further */
export function pendingOf(migrations: readonly Migration[], { version, name, otherwise }: Present): Migration[] {
  const newest = migrations.at(-1)?.version ?? 0;
  if (version <= newest) return migrations.filter((migration) => migration.version > version);
  throw new ConfigurationError(
    `${name}: its version is ${version}, this program knows versions up to ${newest}. ` +
      `A newer biological-memory has opened it: update the program, or ${otherwise}.`,
  );
}
