import { existsSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { masked } from '../../profiles/description.ts';
import { member, type Value } from '../../profiles/value.ts';
import type { TargetReport } from '../../report/debug.ts';
import type { DebugOptions, Subject } from './check.ts';
import { describeFiles } from './configuration.ts';

/** Programs and files, in dbt's order and words. */
export async function describeHead(options: DebugOptions, loaded: boolean): Promise<string[]> {
  const { folder, profiles } = describeFiles(options);
  const { version } = options;
  // dbt names it also where it is not.
  const project = join(process.cwd(), 'dbt_project.yml');
  const { duckdbVersion } = await import('../../duckdb/inspect.ts');
  return [
    `Running with biomem=${version}`,
    `biomem version: ${version}`,
    `node version: ${process.versions.node}`,
    `node path: ${process.execPath}`,
    `os info: ${platform()}-${release()}-${arch()}`,
    `Using profiles dir at ${folder}`,
    `Using profiles.yml file at ${profiles}`,
    ...(existsSync(project) ? [`Using dbt_project.yml file at ${project}`] : []),
    ...(loaded ? ['adapter type: duckdb', `adapter version: ${duckdbVersion()}`] : []),
  ];
}

/** What the database is opened with, in dbt's order; what dbt prints as None is so here. */
export function describeConnection({ profile, context, hide, nowhere }: Subject): TargetReport['connection'] {
  const mask = masked(context.env, hide);
  // Each text by itself: what stands between the passwords of two addresses is no secret.
  const show = (value: unknown) => format(mask(value));
  const raw = (key: string) => show(member(context.location.output, key) ?? null);
  const attach = profile.attach.map(({ path, readOnly, ...rest }) => ({
    path: path === nowhere ? 'embedded' : path,
    ...rest,
    read_only: readOnly,
  }));
  const values: readonly (readonly [string, string])[] = [
    ['database', profile.database],
    ['schema', profile.schema],
    ['path', hide(profile.path)],
    ['config_options', show(profile.configOptions)],
    [
      'extensions',
      show(profile.extensions.map(({ name, repo }) => (repo === undefined ? name : `${name} from ${repo}`))),
    ],
    ['settings', show(profile.settings)],
    ['external_root', hide(profile.externalRoot)],
    ['use_credential_provider', raw('use_credential_provider')],
    ['attach', show(attach)],
    ['filesystems', ignored(context.location.output, 'filesystems')],
    ['remote', 'None'],
    ['plugins', ignored(context.location.output, 'plugins')],
    ['disable_transactions', String(profile.disableTransactions)],
    ['threads', String(profile.threads)],
  ];
  return values;
}

function ignored(output: Value, key: string): string {
  return member(output, key) == null ? 'None' : 'ignored';
}

function format(value: unknown): string {
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return 'None';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
