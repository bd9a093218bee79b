import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { describePsql } from '../../services/psql.ts';
import { describeServices } from '../../services/services.ts';
import { freshWorkspace, plainEnv, start } from './support.ts';

/** A shell in which `psql ADDRESS` says who and where it is; it takes what libpq takes here: a URI and PGPASSWORD. */
async function paste(line: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const folder = path.join(await freshWorkspace(), 'bin');
  await mkdir(folder);
  const pg = createRequire(import.meta.url).resolve('pg');
  const script = `#!${process.execPath}
    const { Client } = require(${JSON.stringify(pg)});
    const client = new Client(process.argv[2]);
    client.connect().then(() => client.query('select current_user || $1 || current_database() as told', [' in ']))
      .then(({ rows }) => { console.log(rows[0].told); return client.end(); });`;
  await writeFile(path.join(folder, 'psql'), script);
  await chmod(path.join(folder, 'psql'), 0o755);
  const options = { env: { PATH: `${folder}:${process.env['PATH']}`, ...env }, extendEnv: false };
  return (await execa('sh', ['-c', line], options)).stdout;
}

test('the line of the embedded PostgreSQL can be pasted, and neither it nor the status holds the password', async () => {
  const workspace = path.join(await freshWorkspace(), "it's mine");
  const services = await start(workspace);
  try {
    const found = await describeServices({ workspace, env: plainEnv, target: 'dev', report: () => undefined });
    const { psql, passwordFile } = found.postgres.connect ?? { psql: '', passwordFile: '' };
    expect(passwordFile).toBe(path.join(workspace, 'postgres', 'password'));
    expect(await paste(psql)).toBe('biological_memory in memories');
    expect(JSON.stringify(found)).not.toContain((await readFile(passwordFile ?? '', 'utf8')).trim());
  } finally {
    await services.stop();
  }
  const stopped = await describeServices({ workspace, env: plainEnv, target: 'dev', report: () => undefined });
  expect(stopped.postgres).toMatchObject({ state: 'stopped', connect: null });
});

test('of a configured one the variable or the file holds the password, and is named', () => {
  const told = (env: NodeJS.ProcessEnv, url: string, target = 'dev') =>
    describePsql({ workspace: '/w', env, target }, url);
  const secret = 'postgresql://me:s3cr3t@db/agents';
  expect(told({ POSTGRES_DB_URL: secret }, secret)).toEqual({
    psql: 'psql "${POSTGRES_DB_URL:?}"',
    passwordFile: null,
  });
  expect(told({ TEST_DATABASE_URL: secret }, secret, 'test').psql).toBe('psql "${TEST_DATABASE_URL:?}"');
  const pairs = "host=db password='a b'";
  expect(told({ POSTGRES_DB_URL: pairs }, pairs).psql).toBe('psql "${POSTGRES_DB_URL:?}"');
  // Whose password is looked up elsewhere can be shown whole.
  const open = 'postgresql://me@db/agents';
  expect(told({ POSTGRES_DB_URL: open }, open)).toEqual({ psql: `psql '${open}'`, passwordFile: null });
});

test('a file that holds the address is read by the line', async () => {
  const file = path.join(await freshWorkspace(), 'url');
  await writeFile(file, 'postgresql://me:s3cr3t@db/agents\n');
  const { psql, passwordFile } = describePsql(
    { workspace: '/w', env: { POSTGRES_DB_URL_FILE: file }, target: 'dev' },
    'postgresql://me:s3cr3t@db/agents',
  );
  expect([psql, passwordFile]).toEqual([`psql "$(cat '${file}')"`, file]);
});
