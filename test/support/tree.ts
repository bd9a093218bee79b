import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const NOT_SOURCE = ['node_modules', 'dist', 'test', 'sample'];

/** The files of the product's own folders whose names end so, as paths from the root, with their text. */
export function readSources(...endings: readonly string[]): Map<string, string> {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_SOURCE.includes(entry.name),
  );
  const files = folders.flatMap(({ name }) =>
    readdirSync(new URL(`${name}/`, ROOT), { recursive: true, encoding: 'utf8' }).map((file) => `${name}/${file}`),
  );
  const chosen = files.filter((file) => endings.some((ending) => file.endsWith(ending))).sort();
  return new Map(chosen.map((file) => [file, readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8')]));
}
