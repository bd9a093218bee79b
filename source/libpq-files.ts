import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../memory/errors.ts';
import type { Conninfo } from './conninfo.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What libpq's service files say of a service: PGSERVICEFILE or ~/.pg_service.conf first, then pg_service.conf in
 * PGSYSCONFDIR. node-postgres does not know them, and they are plain enough: `[name]`, then `keyword=value` lines.
 * @throws ConfigurationError when no file has the service
 */
export function readService(name: string, env: Environment): Conninfo {
  const files = [
    env['PGSERVICEFILE'] ?? join(env['HOME'] ?? homedir(), '.pg_service.conf'),
    ...(env['PGSYSCONFDIR'] === undefined ? [] : [join(env['PGSYSCONFDIR'], 'pg_service.conf')]),
  ];
  for (const file of files) {
    const section = sections(readText(file)).find((each) => each.name === name);
    if (section !== undefined) return section.conninfo;
  }
  throw new ConfigurationError(
    `The PostgreSQL service "${name}" is defined in none of: ${files.join(', ')}. Add [${name}] to one, or set PGSERVICEFILE.`,
  );
}

function sections(text: string): { name: string; conninfo: Conninfo }[] {
  return text
    .split(/^\s*\[/m)
    .slice(1)
    .map((part) => {
      const [head = '', ...lines] = part.split(/\r?\n/);
      const pairs = lines.map((line) => /^\s*(\w+)=(.*?)\s*$/.exec(line)).filter((match) => match !== null);
      const conninfo = Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value]));
      return { name: head.split(']')[0] ?? '', conninfo };
    });
}

/**
 * The password that libpq's password file has for a connection: `passfile`, else PGPASSFILE, else ~/.pgpass; the first line
 * `host:port:database:user:password` that fits, `*` fits all. As libpq does, a file that others may read is passed over.
 */
export function readPassword(conninfo: Conninfo, env: Environment): string | undefined {
  const file = conninfo['passfile'] ?? env['PGPASSFILE'] ?? join(env['HOME'] ?? homedir(), '.pgpass');
  if (!isPrivate(file)) return undefined;
  const { host = 'localhost', port = '5432', user = '', dbname = user } = conninfo;
  const wanted = [host, port, dbname, user];
  for (const line of readText(file).split(/\r?\n/)) {
    const fields = line.startsWith('#') ? [] : splitFields(line);
    if (fields.length >= 5 && wanted.every((each, index) => fields[index] === '*' || fields[index] === each))
      return fields[4];
  }
  return undefined;
}

/** Fields are separated by colons; `\:` and `\\` stand for themselves. */
function splitFields(line: string): string[] {
  return [...line.matchAll(/((?:\\.|[^\\:])*)(?::|$)/g)].map(([, field = '']) => field.replace(/\\(.)/g, '$1'));
}

function isPrivate(file: string): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true && (process.platform === 'win32' || (status.mode & 0o077) === 0);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
