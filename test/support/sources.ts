import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NOT_SOURCES = new Set(['node_modules', 'dist', 'test', 'bench', 'scripts', 'docs', 'sample']);

/** The text of every source file of the program. */
export function readSources(): string[] {
  const entries = readdirSync(ROOT, { withFileTypes: true });
  return entries
    .filter(({ name }) => !NOT_SOURCES.has(name) && !name.startsWith('.'))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(ROOT, entry.name), { recursive: true, encoding: 'utf8' }).map((f) => join(entry.name, f))
        : [entry.name],
    )
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'));
}
