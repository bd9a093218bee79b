import { z } from 'zod';
import type { Environment } from './value.ts';
import { blank, fromVariable, naming } from './variable-field.ts';

const VARIABLE = 'BIOLOGICAL_MEMORY_TIMEZONE';

/** `pipeline.timezone`: an IANA name, checked. */
export function timezoneField(env: Environment) {
  return z
    .preprocess(
      blank,
      z
        .string()
        .min(1)
        .refine(isTimezone, { error: naming(env, VARIABLE, 'must be an IANA time zone such as Europe/Berlin or UTC') })
        .transform(canonicalTimezone)
        .prefault(fromVariable(env, VARIABLE, 'UTC')),
    )
    .meta({
      description: 'The time zone in which it is night: the schedules follow its clock. An IANA name.',
      variable: VARIABLE,
    });
}

function isTimezone(name: string): boolean {
  // Newer versions of Node also take offsets such as +02:00, which know no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    resolveTimezone(name);
    return true;
  } catch {
    return false;
  }
}

/** `Europe/Berlin` for `europe/berlin`: Temporal's server looks zones up by the names of files. An alias stays one. */
function canonicalTimezone(name: string): string {
  const canonical = resolveTimezone(name);
  return canonical.toLowerCase() === name.toLowerCase() ? canonical : name;
}

function resolveTimezone(name: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
}
