import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unzip, type Unzipped } from 'fflate';
import { extract } from 'tar';

/** Which entries of an archive are wanted, by their paths in it (with `/`). */
export type Wanted = (entry: string) => boolean;

/** Unpacks what is wanted of a zip file (a wheel is one) or a tar.gz file into `folder`; the first bytes tell which. */
export async function unpack(file: string, folder: string, wanted: Wanted = () => true): Promise<void> {
  const magic = await firstBytes(file);
  if (magic.startsWith('504b')) return unpackZip(file, folder, wanted);
  if (magic.startsWith('1f8b')) return unpackTar(file, folder, wanted);
  throw new Error(`expected a zip or tar.gz archive, got a file that starts with the bytes ${magic}`);
}

async function firstBytes(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead).toString('hex');
  } finally {
    await handle.close();
  }
}

async function unpackTar(file: string, folder: string, wanted: Wanted): Promise<void> {
  await mkdir(folder, { recursive: true });
  await new Promise<void>((resolve, reject) => {
    // `strict` makes a truncated archive an error instead of a warning.
    const into = extract({ cwd: folder, strict: true, filter: wanted });
    createReadStream(file).on('error', reject).pipe(into);
    into.on('close', resolve).on('error', reject);
  });
}

async function unpackZip(file: string, folder: string, wanted: Wanted): Promise<void> {
  const packed = await readFile(file);
  const entries = await new Promise<Unzipped>((resolve, reject) =>
    unzip(packed, { filter: ({ name }) => wanted(name) }, (error, unzipped) =>
      error ? reject(error) : resolve(unzipped),
    ),
  );
  for (const [name, bytes] of Object.entries(entries)) {
    const target = inside(folder, name);
    if (name.endsWith('/')) {
      await mkdir(target, { recursive: true });
      continue;
    }
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
}

/** A zip may name `../../.bashrc`; such an archive is refused as a whole. */
function inside(folder: string, name: string): string {
  const target = path.resolve(folder, name);
  if (target !== path.resolve(folder) && !target.startsWith(path.resolve(folder) + path.sep)) {
    throw new Error(`the archive has an entry outside its own folder: ${name}`);
  }
  return target;
}
