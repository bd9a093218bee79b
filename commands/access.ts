import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namespaceOf } from '../client.ts';
import { redactUrl, type Services } from '../services/services.ts';
import { findTemporal } from '../services/temporal-binary.ts';
import type { Context } from './context.ts';

/** Where a person finds what runs now, and what to tell the shell before using the Temporal CLI. */
export async function describeAccess(
  { target, env, workspace }: Context,
  { temporal, postgres }: Services,
): Promise<string[]> {
  const password = join(workspace, 'postgres', 'password');
  const { path } = await findTemporal({ env, report: () => undefined });
  const variables = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: namespaceOf(target),
    PATH: `${dirname(path)}:$PATH`,
  };
  return [
    `Temporal    ${temporal.address}${temporal.ui === null ? '' : `, Web UI ${temporal.ui}`}`,
    `PostgreSQL  ${redactUrl(postgres.url)}`,
    ...(existsSync(password) ? [`  its password is in ${password}`] : []),
    'For the Temporal CLI in another terminal:',
    ...Object.entries(variables).map(([name, value]) => `  export ${name}="${value}"`),
    'Ctrl-C ends it.',
  ];
}
