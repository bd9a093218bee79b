import { messageOf, ServiceError } from '../memory/errors.ts';
import { redact, redactAddress } from '../profiles/redact.ts';
import { placeOf } from '../source/conninfo.ts';

/** Thrown when a configured PostgreSQL answers, and does not let us in: starting it, or another one, mends nothing. */
export class RefusalError extends ServiceError {
  override readonly name = 'RefusalError';
}

/** What node-postgres says of an address without a password where the server asks for one. */
const NO_PASSWORD = /client password must be a(?: non-empty)? string/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What a PostgreSQL that answered at `url` has against it, and what to correct in `by`; null when it did not answer. */
export function describeRefusal(error: unknown, url: string, by: string): RefusalError | null {
  const { code = '' } = error as { code?: string };
  const said = messageOf(error);
  const why = `(${redact(said, {}, [url])})`;
  const server = `PostgreSQL at ${describePlace(url)}`;
  if (NO_PASSWORD.test(said))
    return new RefusalError(`${server} asks for a password, and ${by} has none: write it there.`);
  if (!SQLSTATE.test(code)) return null;
  if (code.startsWith('28'))
    return new RefusalError(`${server} refuses the login ${why}: correct the user or password in ${by}.`);
  if (code === '3D000') return new RefusalError(`${server} has no such database ${why}: correct its name in ${by}.`);
  return new RefusalError(`${server} answers, but takes no connection ${why}: see to it there, or correct ${by}.`);
}

function describePlace(url: string): string {
  try {
    return placeOf(url);
  } catch {
    return redactAddress(url);
  }
}
