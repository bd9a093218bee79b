import { styleText } from 'node:util';
import { parameterTable, type Parameters } from '../memory/parameters.ts';

/** What `biomem profile show` prints; secrets are masked already. */
export interface ProfileReport {
  readonly file: string;
  readonly profile: string;
  readonly target: string;
  readonly threads: number;
  readonly output: {
    readonly path: string;
    readonly database: string;
    readonly schema: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly config_options: Readonly<Record<string, unknown>>;
    readonly extensions: readonly (string | { readonly name: string; readonly repo?: string | undefined })[];
    readonly keep_open: boolean;
    readonly disable_transactions: boolean;
    readonly external_root: string;
    readonly retries?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly pipeline: {
    readonly source: { readonly attachment: string; readonly schema: string; readonly table: string };
    readonly llm: {
      readonly url: string | null;
      readonly generate: string | null;
      readonly extract: string | null;
      readonly embed: string | null;
    };
    readonly parameters: Parameters;
    readonly scope: string;
    readonly timezone: string;
    readonly hardened: boolean;
  };
  readonly parameters_hash: string;
  readonly attach_sql: readonly string[];
  readonly secrets_sql: readonly string[];
  readonly warnings: readonly string[];
  readonly queries?: readonly { readonly sql: string; readonly rows: readonly (readonly unknown[])[] }[];
}

type Line = readonly [name: string, value: string];

/** Two columns, names and values; a list has its name once. */
export function printProfile(report: ProfileReport, { colour }: { readonly colour: boolean }): string {
  const lines = [...choice(report), ...output(report), ...sql(report), ...pipeline(report)];
  const width = Math.max(...lines.map(([name]) => name.length));
  const paint = (format: 'bold' | 'yellow', text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return [
    ...lines.map(([name, value]) => `${paint('bold', name.padEnd(width))}  ${value}`.trimEnd()),
    ...report.warnings.map((warning) => paint('yellow', `warning: ${warning}`)),
    ...(report.queries ?? []).flatMap(({ sql, rows }) => [
      '',
      sql,
      ...rows.map((row) => `  ${row.map(cell).join('  ')}`),
    ]),
  ].join('\n');
}

function choice({ file, profile, target, threads }: ProfileReport): Line[] {
  return [
    ['file', file],
    ['profile', profile],
    ['target', target],
    ['threads', String(threads)],
  ];
}

function output({ output }: ProfileReport): Line[] {
  const { path, database, schema, keep_open, disable_transactions, external_root, retries } = output;
  return [
    ['path', path],
    ['database', database],
    ['schema', schema],
    ['extensions', output.extensions.map(extension).join(', ')],
    ...list('config_options', pairs(output.config_options)),
    ...list('settings', pairs(output.settings)),
    ...list('retries', pairs(retries ?? {})),
    ['keep_open', String(keep_open)],
    ['disable_transactions', String(disable_transactions)],
    ['external_root', external_root],
  ];
}

function sql({ secrets_sql, attach_sql }: ProfileReport): Line[] {
  return [...list('secrets', secrets_sql), ...list('attach', attach_sql)];
}

function pipeline({ pipeline, parameters_hash }: ProfileReport): Line[] {
  const { source, llm, parameters, scope, timezone, hardened } = pipeline;
  return [
    ['source', `${source.attachment}.${source.schema}.${source.table}`],
    ['llm', llm.url === null ? `none: rules read the text, ${embedding(llm)}` : `${llm.url}, ${models(llm)}`],
    ...list('parameters', [parameters_hash, ...listChanged(parameters)]),
    ['scope', scope],
    ['timezone', timezone],
    ['hardened', String(hardened)],
  ];
}

/** Those that are not at their default. */
function listChanged(parameters: Parameters): string[] {
  const names = Object.keys(parameterTable) as (keyof Parameters)[];
  return names
    .filter((name) => parameters[name] !== parameterTable[name].default)
    .map((name) => `${name} = ${String(parameters[name])}`);
}

function models({ generate, extract, embed }: ProfileReport['pipeline']['llm']): string {
  const reader = extract === generate ? '' : ` (${extract ?? 'no model'} to extract)`;
  return `${generate ?? 'no model'}${reader}, ${embedding({ embed })}`;
}

function embedding({ embed }: Pick<ProfileReport['pipeline']['llm'], 'embed'>): string {
  return embed ?? 'no embedding';
}

function list(name: string, values: readonly string[]): Line[] {
  return values.length === 0 ? [[name, 'none']] : values.map((value, index) => [index === 0 ? name : '', value]);
}

function pairs(record: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(record).map(([name, value]) => `${name} = ${cell(value)}`);
}

function extension(extension: ProfileReport['output']['extensions'][number]): string {
  if (typeof extension === 'string') return extension;
  return extension.repo === undefined ? extension.name : `${extension.name} from ${extension.repo}`;
}

function cell(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
