import { dirname } from 'node:path';
import { redactAddress } from '../profiles/redact.ts';
import { describePsql, type Psql, type Services } from '../services/services.ts';
import { lookForTemporal } from '../services/temporal-binary.ts';
import type { Context } from '../program/context.ts';

/** Where the Temporal CLI looks unless it is told. */
const CLI_DEFAULT = ['127.0.0.1:7233', 'localhost:7233'];

/** Where a person finds what runs now, and what to tell the shell before using the Temporal CLI. */
export async function describeAccess(context: Context, { temporal, postgres }: Services): Promise<string[]> {
  const variables = await variablesForCli(context, temporal.address);
  return [
    `Temporal    ${temporal.address}${temporal.ui === null ? '' : `, Web UI ${temporal.ui}`}`,
    `PostgreSQL  ${redactAddress(postgres.url)}`,
    ...describeConnect(describePsql(context, postgres.url)),
    'For the Temporal CLI in another terminal:',
    ...variables.map((variable) => `  export ${variable}`),
    'Ctrl-C ends it.',
  ];
}

/** Assignments, as a shell takes them, without which the Temporal CLI would not be found or would look elsewhere. */
export async function variablesForCli(
  { env, namespace }: Pick<Context, 'env' | 'namespace'>,
  address: string,
): Promise<string[]> {
  const cli = await lookForTemporal({ env, report: () => undefined });
  const variables = {
    ...(!CLI_DEFAULT.includes(address) && { TEMPORAL_ADDRESS: address }),
    TEMPORAL_NAMESPACE: (await namespace()).name,
    ...(cli !== null && cli.from !== 'PATH' && { PATH: `${dirname(cli.path)}:$PATH` }),
  };
  return Object.entries(variables).map(([name, value]) => `${name}="${value}"`);
}

/** The lines about PostgreSQL under its address; the first can be pasted into a shell. */
export function describeConnect({ psql, passwordFile }: Psql): string[] {
  return [`  ${psql}`, ...(passwordFile === null ? [] : [`  its password is in ${passwordFile}`])];
}
