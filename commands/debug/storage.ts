import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fail, oneLine, originOf, pass, type Check, type Subject } from './check.ts';

/** A night's spill of a few ten thousand memories, in bytes; with less than this a cycle ends on a full disk. */
const ENOUGH = 256 * 1024 * 1024;

/** The database file, and the folder into which DuckDB spills what does not fit into memory. */
export async function checkStorage(subject: Subject): Promise<Check[]> {
  const { profile, context } = subject;
  const temp = profile.settings['temp_directory'] ?? profile.configOptions['temp_directory'];
  const group = 'temp_directory' in profile.settings ? 'settings' : 'config_options';
  const named = typeof temp === 'string' && temp !== '';
  const folder = named ? temp : defaultTemp(profile.path);
  const origin = originOf(context.location, ...(named ? [group, 'temp_directory'] : ['path']));
  return [
    ...(isAbsolute(profile.path) ? [await checkFile(subject)] : []),
    ...(temp === '' ? [] : [await checkFolder('temp_directory', folder, origin)]),
  ];
}

/** DuckDB's own. */
function defaultTemp(path: string): string {
  return isAbsolute(path) ? `${path}.tmp` : resolve('.tmp');
}

async function checkFile({ profile: { path }, context }: Subject): Promise<Check> {
  const origin = originOf(context.location, 'path');
  const there = await stat(path).catch(() => null);
  const check = await checkFolder('database file', there === null ? dirname(path) : path, origin);
  if (check.status === 'error') return check;
  const verdict = there === null ? 'not there yet' : 'found';
  const size = there === null ? 'the first run creates it' : bytes(there.size);
  return { ...check, verdict, detail: `${path}: ${size}; ${check.detail}` };
}

/** Writable, or can be made, and has space; it is not made here. */
async function checkFolder(name: string, path: string, origin: Pick<Check, 'path' | 'variable'>): Promise<Check> {
  const hint = 'name another place, or make it writable.';
  const [nearest, isFolder] = await findNearest(path);
  try {
    if (nearest !== path && !isFolder) throw new Error(`${nearest} is no folder`);
    await access(nearest, constants.W_OK);
    const { bavail, bsize } = await statfs(nearest);
    const free = `${bytes(bavail * bsize)} free`;
    if (bavail * bsize < ENOUGH) {
      const detail = `${path}: only ${free}, a night needs ${bytes(ENOUGH)} at least`;
      return fail('Storage', name, 'hardly any space', {
        detail,
        ...origin,
        hint: 'make room, or name another place.',
      });
    }
    return pass('Storage', name, 'writable', {
      detail: nearest === path ? free : `${path}: to be made; ${free}`,
      ...origin,
    });
  } catch (error) {
    return fail('Storage', name, 'not writable', { detail: `${path}: ${oneLine(error)}`, ...origin, hint });
  }
}

/** The path itself, or the nearest one above it that exists. */
async function findNearest(path: string): Promise<[path: string, isFolder: boolean]> {
  const found = await stat(path).catch(() => null);
  if (found !== null) return [path, found.isDirectory()];
  return dirname(path) === path ? [path, false] : findNearest(dirname(path));
}

function bytes(count: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}
