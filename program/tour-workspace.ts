import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { ConfigurationError } from '../memory/errors.ts';
import { ownSource } from '../profiles/pipeline-schema.ts';
import type { Profile } from '../profiles/profile.ts';

/** Marks a workspace as a tour's: only such a one is ever emptied, and what runs on it never touches a real PostgreSQL. */
const MARKER = 'tour';

interface Tour {
  readonly workspace: string;
  readonly report: (line: string) => void;
}

export function isTourWorkspace(workspace: string): boolean {
  return existsSync(join(workspace, MARKER));
}

/** The tour's own folder, also where BIOLOGICAL_MEMORY_DIR names the real workspace. */
export function tourWorkspace(named: string | undefined, env: NodeJS.ProcessEnv): string {
  return named ?? join(env['BIOLOGICAL_MEMORY_DIR'] ?? '.biological-memory', 'dream');
}

/**
 * A fresh workspace each time; what a killed tour left running in it is ended first.
 * @throws ConfigurationError when the folder holds something else, or somebody uses it
 */
export async function emptyTourWorkspace({ workspace, report }: Tour): Promise<void> {
  const held = existsSync(workspace) ? readdirSync(workspace) : [];
  if (held.length > 0 && !isTourWorkspace(workspace))
    throw new ConfigurationError(
      `${workspace} is no tour's workspace (it holds ${held.slice(0, 3).join(', ')}): a tour empties its folder first. ` +
        'Name an empty or a new one with --workspace.',
    );
  await refuseUsed(workspace, report);
  const { stopServices } = await import('../services/services.ts');
  await stopServices({ workspace, report });
  await rm(workspace, { recursive: true, force: true });
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  await writeFile(join(workspace, MARKER), 'The workspace of biomem dream: the next tour empties it.\n');
}

/** @throws ConfigurationError when the profile keeps its database elsewhere: it may be the real one */
export function requireOwnDatabase({ path, file }: Profile, workspace: string): void {
  const inside = relative(workspace, path);
  if (path === ':memory:' || (!inside.startsWith('..') && !isAbsolute(inside))) return;
  throw new ConfigurationError(
    `${file}: its database ${path} lies outside the tour's workspace ${workspace}, and a tour must not touch it. ` +
      `Write the path as {{ env_var('BIOLOGICAL_MEMORY_DIR') }}/..., or leave out --profiles-dir.`,
  );
}

/** The profile on the tour's own table at `url`: what it says of the user's table is not true of the one that a tour makes. */
export function onOwnTable(profile: Profile, url: string): Profile {
  const { attachment } = profile.pipeline.source;
  const own = { path: url, alias: attachment, type: 'postgres', readOnly: true, options: {} };
  return {
    ...profile,
    attach: profile.attach.map((each) => (each.alias === attachment ? own : each)),
    pipeline: { ...profile.pipeline, source: { ...ownSource, attachment } },
  };
}

async function refuseUsed(workspace: string, report: (line: string) => void): Promise<void> {
  const { isOrphan, isOurs, readState } = await import('../services/state.ts');
  const { temporal, postgres } = await readState(workspace, report);
  for (const entry of [temporal, postgres]) {
    if (entry === undefined || !(await isOurs(entry)) || (await isOrphan(entry))) continue;
    const user = entry.owner === null ? 'services that were left running' : `process ${String(entry.owner.pid)}`;
    throw new ConfigurationError(
      `${workspace} is in use by ${user}. End it (biomem services down --workspace ${workspace}), or name another --workspace.`,
    );
  }
}
