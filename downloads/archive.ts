import path from 'node:path';
import { cacheFolder, keep } from './cache.ts';
import { download, estimate } from './http.ts';
import { unpack } from './unpack.ts';

export interface ArchiveRequest {
  /** Names the folder in the cache; must tell product, version and platform. */
  readonly name: string;
  /** A tar.gz or zip file. */
  readonly url: string;
  /** Hears from where, how big and about how long. */
  readonly report: (line: string) => void;
  /** The digest in hex, where the publisher gives one. */
  readonly sha256?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Time to the first byte in ms, 5000 unless given: a closed network must fall through to the next way quickly. */
  readonly firstByte?: number | undefined;
}

/** Downloads a file as it is. Throws when nothing answers in time, the download breaks off or the digest differs. */
export async function downloadFile(
  { name, url, sha256, report, firstByte }: Omit<ArchiveRequest, 'env'>,
  file: string,
): Promise<void> {
  const announce = (bytes?: number) => report(`Downloading ${name} from ${new URL(url).host} (${estimate(bytes)})`);
  const digest = await download(url, file, announce, firstByte);
  if (sha256 && digest !== sha256) throw new Error(`${url} has the sha256 ${digest}, expected ${sha256}`);
}

/** Where `fetchArchive` puts the archive of that name; the folder exists only when it is complete. */
export function archiveFolder(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return path.join(cacheFolder(env), 'archives', name);
}

/**
 * The folder with the unpacked archive, in the per-user cache; downloaded the first time.
 *
 * Throws when nothing answers in time, the download breaks off, the digest differs or it cannot be unpacked.
 */
export async function fetchArchive({ name, url, sha256, report, env, firstByte }: ArchiveRequest): Promise<string> {
  return keep(archiveFolder(name, env), async (work) => {
    const file = path.join(work, 'archive');
    await downloadFile({ name, url, sha256, report, firstByte }, file);
    const unpacked = path.join(work, 'unpacked');
    await unpack(file, unpacked);
    return unpacked;
  });
}
