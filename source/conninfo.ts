import { ConfigurationError } from '../memory/errors.ts';

/** What libpq is told about a connection, under its own keywords: host, port, dbname, user, password, sslmode, ... */
export type Conninfo = Readonly<Record<string, string>>;

const ASSIGNMENT = /\s*(\w+)\s*=\s*(?:'((?:\\.|[^'\\])*)'|((?:\\.|[^\s\\'])*))(?=\s|$)/gsy;

/** No host has a name under it. */
const NO_HOST = 'none.invalid';

/**
 * Reads an address in either of libpq's forms: `postgresql://user:password@host:port/dbname?sslmode=...` or
 * `host=... dbname=... password='...'`.
 * @throws ConfigurationError that does not repeat the address, since it may hold a password
 */
export function parseConninfo(address: string): Conninfo {
  return /^postgres(?:ql)?:\/\//i.test(address) ? parseUri(address) : parsePairs(address.replace(/^postgres:/i, ''));
}

/** The address as a URI that libpq and node-postgres read alike. */
export function formatUri({ dbname = '', ...others }: Conninfo): string {
  // A path of dots leads a URL elsewhere, however it is encoded.
  const dots = /^\.\.?$/.test(dbname);
  const query = new URLSearchParams(dots ? { dbname, ...others } : others);
  return `postgresql:///${dots ? '' : encodeURIComponent(dbname)}?${query.toString().replaceAll('+', '%20')}`;
}

/** Where an address leads, without who connects and how: `host:port/database`, or the name of the service that says so. */
export function placeOf(address: string): string {
  const { host = 'localhost', port = '5432', dbname, service } = parseConninfo(address);
  if (service !== undefined) return `service ${service}`;
  return `${host}:${port}${dbname === undefined ? '' : `/${dbname}`}`;
}

function parseUri(address: string): Conninfo {
  // libpq lets a user stand without a host; a URL does not.
  const text = address.replace(/^([^/]*\/\/[^/?#]*@)(?=[/?]|$)/, `$1${NO_HOST}`);
  if (!URL.canParse(text)) throw unreadable('postgresql://user@host:5432/database');
  const { hostname, port, pathname, username, password, searchParams } = new URL(text);
  const parts = {
    host: hostname === NO_HOST ? '' : hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    dbname: pathname.slice(1),
    user: username,
    password,
  };
  const given = Object.entries(parts).filter(([, part]) => part !== '');
  return {
    ...Object.fromEntries(given.map(([key, part]) => [key, decode(part)])),
    ...Object.fromEntries(searchParams),
  };
}

function parsePairs(text: string): Conninfo {
  const pairs = [...text.matchAll(ASSIGNMENT)];
  if (
    pairs
      .map(([all]) => all)
      .join('')
      .trim() !== text.trim()
  )
    throw unreadable("host=... dbname=... user='...'");
  return Object.fromEntries(
    pairs.map(([, key = '', quoted, plain = '']) => [key, (quoted ?? plain).replace(/\\(.)/gs, '$1')]),
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unreadable('postgresql://user@host:5432/database, with % of a password written as %25');
  }
}

function unreadable(expected: string): ConfigurationError {
  return new ConfigurationError(`The address of PostgreSQL cannot be read; expected one such as ${expected}.`);
}
