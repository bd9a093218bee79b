/** Where requests go, without what must not be shown. */
export interface Server {
  /** Shown in messages: no user, no password, no path. */
  readonly origin: string;
  /** With the path, if the server does not live at the root. */
  readonly address: string;
  /** From a user and password in the given address: `fetch` takes none in there. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws TypeError, in words for people and without a password, when it is no URL of http, or its user or password has a bare % */
export function parseServer(url: string): Server {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new TypeError('it must be an address such as http://127.0.0.1:11434');
  const { origin, pathname, username, password } = new URL(url);
  const credentials = decode(`${username}:${password}`);
  const headers = credentials === ':' ? {} : { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return { origin, address: origin + pathname.replace(/\/+$/, ''), headers };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('each % of its user name and password must be written as %25');
  }
}
