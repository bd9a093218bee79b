import { onTestFinished } from 'vitest';
import { checkAttachments } from '../../commands/debug/attachments.ts';
import type { Check } from '../../commands/debug/check.ts';
import { findContext, loadTarget } from '../../commands/debug/configuration.ts';
import { checkSource } from '../../commands/debug/source.ts';
import { openScratch } from '../../duckdb/database.ts';
import { tryExtension } from '../../duckdb/inspect.ts';
import type { Profile } from '../../profiles/profile.ts';
import { makeProfile } from './debug.ts';

/** A profile's `pipeline.source`, as far as it is given. */
export interface GivenSource {
  readonly schema?: string;
  readonly table: string;
  readonly columns?: Readonly<Record<string, string | null>>;
}

/** The columns that a table of id, content and created_at does not have. */
export const BARE = { updated_at: null, agent: null, tags: null, context: null, metadata: null };

interface Looked {
  readonly profile: Profile;
  readonly checks: readonly Check[];
  /** Names of the checks that failed. */
  readonly failed: readonly string[];
  readonly check: (name: string) => Check | undefined;
}

/** What `biomem debug` says of the agents' table at `url`, without a process for it; `check` may look at something else there. */
export async function lookAt(url: string, source: GivenSource, check = checkSource): Promise<Looked> {
  const attach = [{ path: url, type: 'postgres', alias: 'source_memories', read_only: true }];
  const { folder, workspace } = makeProfile({ extensions: ['postgres_scanner', 'json'], attach, pipeline: { source } });
  const options = { profilesDir: folder, workspace, target: 'dev', version: '' };
  const context = findContext(options);
  if ('section' in context) throw new Error(context.detail);
  const loaded = loadTarget(context, options, url);
  if ('failure' in loaded) throw new Error(loaded.failure.detail);
  const subject = { ...loaded, services: null, nowhere: null };
  const scratch = await openScratch();
  onTestFinished(() => scratch.close());
  await scratch.use((connection) => tryExtension(connection, 'postgres_scanner'));
  const checks = await check(subject, scratch, await checkAttachments(subject, scratch, []));
  return {
    profile: loaded.profile,
    checks,
    failed: checks.filter(({ status }) => status === 'error').map(({ name }) => name),
    check: (name) => checks.find((each) => each.name === name),
  };
}
