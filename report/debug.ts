import { styleText } from 'node:util';

/** `warning`: it works, or will. `skipped`: it could not be looked at, and another check says why. */
export type Status = 'ok' | 'warning' | 'error' | 'skipped';

const SECTIONS = [
  'Configuration',
  'Required dependencies',
  'Connection',
  'Extensions',
  'Secrets',
  'Attachments',
  'Source',
  'Write-back',
  'Settings',
  'Storage',
  'Services',
  'Language model',
  'Warnings',
] as const;

/** One thing that was looked at. Nothing in it holds a secret. */
export interface Check {
  readonly section: (typeof SECTIONS)[number];
  readonly name: string;
  readonly status: Status;
  /** What stands in the brackets, in dbt's words where dbt has some: `found and valid`. */
  readonly verdict: string;
  /** The same at full length. */
  readonly detail: string;
  /** In profiles.yml: `biological_memory.outputs.dev.attach[0].path`. */
  readonly path?: string;
  /** The environment variables that it comes from. */
  readonly variable?: string;
  /** What to do. */
  readonly hint?: string;
  readonly ms?: number;
}

/** Everything about one target. */
export interface TargetReport {
  /** Null when profiles.yml does not get as far as a target. */
  readonly target: string | null;
  /** Programs and files, a line each. */
  readonly head: readonly string[];
  /** The connection's settings as they will be used; null without a profile. */
  readonly connection: readonly (readonly [name: string, value: string])[] | null;
  readonly checks: readonly Check[];
}

const TAGS = { ok: 'OK', warning: 'WARN', error: 'ERROR', skipped: 'SKIPPED' } as const;
const COLOURS = { ok: 'green', warning: 'yellow', error: 'red', skipped: 'yellow' } as const;

/** What dbt debug prints, in its order, and then what it does not look at; `connection` leaves out the steps before. */
export function printTarget(report: TargetReport, options: { colour: boolean; connection: boolean }): string {
  const { checks, head } = report;
  const paint = painter(options.colour);
  const early = ['Configuration', 'Required dependencies'];
  const lines = SECTIONS.filter((section) => !(options.connection && early.includes(section))).flatMap((section) => {
    const those = checks.filter((check) => check.section === section);
    if (section === 'Connection') return describeConnection(report, those, paint);
    return those.length === 0 ? [] : [`${section}:`, ...those.map((check) => describe(check, paint))];
  });
  const skipping = options.connection ? ['Skipping steps before connection verification'] : [];
  return [...head, ...skipping, ...lines, '', ...summarize(checks, paint)].join('\n');
}

type Paint = (status: Status, text: string) => string;

function painter(colour: boolean): Paint {
  return (status, text) => (colour ? styleText(COLOURS[status], text, { validateStream: false }) : text);
}

function describeConnection({ connection }: TargetReport, checks: readonly Check[], paint: Paint): string[] {
  if (connection === null) return ['Connection test skipped since no profile was found'];
  return [
    'Connection:',
    ...connection.map(([name, value]) => `  ${name}: ${value}`),
    ...checks.map((check) => describe(check, paint)),
    '',
  ];
}

function describe({ section, name, status, verdict, detail, hint, ms }: Check, paint: Paint): string {
  const indent = section === 'Required dependencies' ? ' - ' : '  ';
  // dbt has this colon on this one line.
  const colon = name === 'Connection test' ? ':' : '';
  const time = ms === undefined ? '' : ` in ${String(ms)} ms`;
  const more = status === 'error' || detail === verdict ? '' : ` ${detail}`;
  // What failed is explained at the end.
  const advice = status === 'error' || hint === undefined ? '' : `\n      what to do: ${indentLines(hint)}`;
  return `${indent}${name}${colon} [${paint(status, `${TAGS[status]} ${verdict}`.trim())}${time}]${more}${advice}`;
}

function summarize(checks: readonly Check[], paint: Paint): string[] {
  const failed = checks.filter(({ status }) => status === 'error');
  const warned = checks.filter(({ status }) => status === 'warning').length;
  const note = warned === 0 ? [] : [paint('warning', `${plural(warned, 'warning')} above.`)];
  if (failed.length === 0) return [paint('ok', 'All checks passed!'), ...note];
  return [paint('error', `${plural(failed.length, 'check')} failed:`), ...failed.flatMap(explain), ...note];
}

function explain({ name, detail, path, variable, hint }: Check): string[] {
  return [
    `${name}: ${detail}`,
    ...(path === undefined ? [] : [`  in the profile: ${path}`]),
    ...(variable === undefined ? [] : [`  variable: ${variable}`]),
    ...(hint === undefined ? [] : [`  what to do: ${indentLines(hint)}`]),
    '',
  ];
}

/** SQL to paste has a line for each statement. */
function indentLines(text: string): string {
  return text.replaceAll('\n', '\n        ');
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
