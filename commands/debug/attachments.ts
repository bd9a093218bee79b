import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { classify } from '../../activities/failure.ts';
import type { Database } from '../../duckdb/database.ts';
import { tryAttachment } from '../../duckdb/inspect.ts';
import { describeMissingSource, hasSource, type Profile } from '../../profiles/profile.ts';
import { oneLine, originOf, pass, refused, timed, warn, type Check, type Subject } from './check.ts';

/** Each attachment with a round trip; `absent` are the extensions without which it may not work. */
export async function checkAttachments(
  subject: Subject,
  scratch: Database,
  absent: readonly string[],
): Promise<Check[]> {
  const { profile, nowhere, hide, context } = subject;
  const checks: Check[] = [];
  for (const [index, attachment] of profile.attach.entries()) {
    const name = [attachment.alias, hide(attachment.path)].filter(Boolean).join(' ');
    const origin = originOf(context.location, 'attach', index, 'path');
    if (attachment.path === nowhere) {
      const detail = `the embedded PostgreSQL of ${context.workspace}; biomem up starts it.`;
      checks.push(pass('Attachments', attachment.alias, 'not running', { detail, ...origin }));
    } else if (isMissingFile(attachment)) {
      const detail = 'not there yet: the first run creates it.';
      checks.push(pass('Attachments', name, 'not there yet', { detail, ...origin }));
    } else {
      checks.push(await checkAttachment(subject, scratch, { attachment, name, origin, absent }));
    }
  }
  return hasSource(profile) ? checks : [...checks, missingSource(profile)];
}

/** No failure: as a profile of dbt's it may be all there is to it. */
function missingSource(profile: Profile): Check {
  const hint = 'biomem up needs it; dbt does not.';
  return warn('Attachments', profile.pipeline.source.attachment, 'missing', {
    detail: describeMissingSource(profile),
    hint,
  });
}

interface Attaching {
  readonly attachment: Profile['attach'][number];
  readonly name: string;
  readonly origin: Pick<Check, 'path' | 'variable'>;
  readonly absent: readonly string[];
}

/** Of whichever target: one may attach another's file. */
function isWorker({ services }: Subject, pid: number): boolean {
  return Object.values(services?.workers ?? {}).some((worker) => worker.pid === pid);
}

async function checkAttachment(subject: Subject, scratch: Database, given: Attaching): Promise<Check> {
  const { attachment, name, origin, absent } = given;
  try {
    const { ms } = await timed(() => scratch.use((connection) => tryAttachment(connection, attachment)));
    return pass('Attachments', name, 'select 1', { ms, ...origin });
  } catch (error) {
    const holder = /Conflicting lock is held in .+ \(PID (\d+)\)/.exec(oneLine(error))?.[1];
    if (holder !== undefined && isWorker(subject, Number(holder)))
      return pass('Attachments', name, 'held by a worker', {
        detail: `held by a worker (pid ${holder})`,
        ...origin,
      });
    const { verdict, hint } = judge(error, origin.variable ?? 'the address in the profile');
    return refused(subject, { section: 'Attachments', name, verdict, hint }, error, absent, origin);
  }
}

/** A server that answers need not be started. */
function judge(error: unknown, where: string): { verdict: string; hint: string } {
  switch (classify(error).sqlstate?.slice(0, 2)) {
    case '28':
      return { verdict: 'refuses the login', hint: `correct the user or password in ${where}.` };
    case '3D':
      return { verdict: 'has no such database', hint: `correct the name of the database in ${where}.` };
    default:
      return { verdict: 'cannot be reached', hint: `start that database, or correct ${where}.` };
  }
}

/** A read-write file is made by attaching it, which is the first run's business, not ours. */
function isMissingFile({ path, type, readOnly }: Profile['attach'][number]): boolean {
  if (readOnly || path === ':memory:' || !/^(?:|duckdb|sqlite|sqlite3)$/i.test(type)) return false;
  return !/^[a-z][a-z0-9+]+:/i.test(path) && !existsSync(resolve(path));
}
