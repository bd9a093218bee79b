import { messageOf } from '../../memory/errors.ts';
import type { Location } from '../../profiles/location.ts';
import type { Profile } from '../../profiles/profile.ts';
import { variablesAt } from '../../profiles/credentials.ts';
import { pathText } from '../../profiles/value.ts';
import type { Check } from '../../report/debug.ts';
import type { ServicesStatus } from '../../services/status.ts';
import type { Context, SharedOptions } from '../../program/context.ts';

export type { Check } from '../../report/debug.ts';

export interface DebugOptions extends SharedOptions {
  readonly connection?: boolean;
  readonly configDir?: boolean;
  /** The program's own. */
  readonly version: string;
}

/** Longest wait for one thing that is looked at, in ms. A driver gives up after `CONNECT` s, and then says why. */
export const PATIENCE = 10_000;
/** Longest wait for a server to take a connection, in s. */
export const CONNECT = 5;

/** A target whose profile could be loaded. */
export interface Subject {
  readonly context: Context;
  readonly profile: Profile;
  /** Null when the services' own configuration cannot be read; a check of its own says so. */
  readonly services: ServicesStatus | null;
  /** The address that stands for the embedded PostgreSQL while it does not run; null when there is a real one. */
  readonly nowhere: string | null;
  /** Hides every secret of the profile and of the environment. */
  readonly hide: (text: string) => string;
}

type Section = Check['section'];
type Rest = Partial<Pick<Check, 'detail' | 'path' | 'variable' | 'hint' | 'ms'>>;

export function pass(section: Section, name: string, verdict: string, rest: Rest = {}): Check {
  return { section, name, status: 'ok', verdict, detail: verdict, ...rest };
}

export function warn(section: Section, name: string, verdict: string, rest: Rest = {}): Check {
  return { ...pass(section, name, verdict, rest), status: 'warning' };
}

export function skip(section: Section, name: string, detail: string, rest: Rest = {}): Check {
  return { ...pass(section, name, '', rest), status: 'skipped', detail };
}

export function fail(section: Section, name: string, verdict: string, rest: Rest & { readonly hint: string }): Check {
  return { ...pass(section, name, verdict, rest), status: 'error' };
}

/** Where a value of the output stands, and which variables bring it. */
export function originOf(location: Location, ...path: (string | number)[]): Pick<Check, 'path' | 'variable'> {
  const full = [...location.path, ...path];
  const variables = variablesAt(location, full);
  return { path: pathText(full), ...(variables.length > 0 && { variable: variables.join(', ') }) };
}

/** What `work` gives, if it does so in time. @throws an error that says how long was waited */
export async function within<T>(work: Promise<T>, ms = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(ms / 1000)} s`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `work` gives, and the ms that it took. */
export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await within(work());
  return { value, ms: Math.max(1, Math.round(performance.now() - began)) };
}

/** The error in one line. It may hold a secret. */
export function oneLine(error: unknown): string {
  return messageOf(error)
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** A failure, unless an extension that is not here may be all that is wrong. */
export function refused(
  { hide }: Subject,
  { section, name, verdict, hint }: Pick<Check, 'section' | 'name' | 'verdict'> & { hint: string },
  error: unknown,
  absent: readonly string[],
  origin: Pick<Check, 'path' | 'variable'>,
): Check {
  const detail = hide(oneLine(error));
  const needsExtension = /extension|autoload|unrecognized configuration parameter|not found/i.test(detail);
  // What is like the name of something that is there is a slip, whatever else is missing.
  if (absent.length > 0 && needsExtension && !detail.includes('; did you mean'))
    return skip(section, name, `cannot be tried before ${absent.join(', ')} is there`, origin);
  return fail(section, name, verdict, { detail, ...origin, hint });
}
