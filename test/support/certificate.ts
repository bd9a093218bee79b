import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './database.ts';

/** A certificate that signs itself, with its key, for one address. */
export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Where the certificate is, for who trusts it. */
  readonly file: string;
}

/** A new one, for an address such as `127.0.0.1`; its files are gone after the test. */
export function makeCertificate(address: string): Certificate {
  const folder = makeFolder();
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const about = ['-subj', '/CN=test', '-days', '1', '-addext', `subjectAltName=IP:${address}`];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', file, ...about];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(file), file };
}
