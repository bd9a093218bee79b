import { relative, resolve } from 'node:path';
import type { Context } from './context.ts';

/** A command that somebody may type next, on the same workspace. */
export function suggest({ workspace }: Pick<Context, 'workspace'>, command: string): string {
  const usual = resolve(process.env['BIOLOGICAL_MEMORY_DIR'] ?? '.biological-memory');
  return workspace === usual ? command : `${command} --workspace ${relative('', workspace) || '.'}`;
}
