/** Shows where an address leads, without the password in it: `postgres://me:***@host/db`. Takes any text, also `host=h password=p`. */
export function redactUrl(url: string): string {
  return (
    url
      // Up to the last @: a password that was not percent-encoded may itself hold one.
      .replace(/:\/\/([^:@/?#]*):.*@/, '://$1:***@')
      .replace(/\b(password|sslpassword)=('(?:[^'\\]|\\.)*'|[^\s&]*)/gi, '$1=***')
  );
}
