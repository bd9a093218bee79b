import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createContext, type Context } from '../../program/context.ts';
import { refuseEmbedded, rememberSource, requireEmbeddedTable } from '../../program/fed-from.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import { withoutPostgres } from '../../services/postgres-variable.ts';
import { createMemories } from '../../source/memories.ts';
import { plainEnv } from '../services/support.ts';
import { biomem } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { openPostgres } from '../support/postgres.ts';
import { shareServices } from '../support/services.ts';

const SERVER = 'postgresql://dreamer:s3cr3t@db.example/agents';
const profilesDir = fileURLToPath(new URL('../..', import.meta.url));
let workspace: string;
let context: Context;

beforeEach(() => {
  workspace = join(makeFolder(), 'workspace');
  mkdirSync(workspace);
  context = contextWith({});
});

function contextWith(env: NodeJS.ProcessEnv, folder = profilesDir): Context {
  return { ...createContext({ profilesDir: folder, workspace }), env: { ...withoutPostgres(plainEnv).env, ...env } };
}

/** As a worker does that serves a server's database. */
async function feed(url: string): Promise<void> {
  writeFileSync(join(workspace, 'dev.duckdb'), '');
  await rememberSource(context, context.profile({ postgres: { url } }));
}

test.each(['up', 'worker'])(
  'what a server has fed is not fed from the embedded one: biomem %s ends',
  async (command) => {
    await feed(SERVER);
    const { code, stdout, stderr } = await biomem([command], { workspace });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /dev\.duckdb was fed from PostgreSQL at db\.example:5432\/agents, and POSTGRES_DB_URL is not set now/,
    );
    expect(stderr).toContain('Set POSTGRES_DB_URL or POSTGRES_DB_URL_FILE, or name another --workspace');
    expect(stderr).not.toMatch(/s3cr3t|dreamer/);
  },
);

test('it goes on where the variable, or its file, names a server, or the database is no longer there', async () => {
  await feed(SERVER);
  await expect(refuseEmbedded(context)).rejects.toThrow(ConfigurationError);
  await refuseEmbedded(contextWith({ POSTGRES_DB_URL: 'postgresql://elsewhere/agents' }));
  const file = join(workspace, 'address');
  writeFileSync(file, SERVER);
  await refuseEmbedded(contextWith({ POSTGRES_DB_URL_FILE: file }));
  rmSync(join(workspace, 'dev.duckdb'));
  await refuseEmbedded(context);
});

test('what the embedded one feeds goes on, also where `up` names it to its worker', async () => {
  mkdirSync(join(workspace, 'postgres'));
  writeFileSync(join(workspace, 'postgres', 'password'), 'own-password');
  const entry = { pid: 1, identity: 'x', version: '18', ready: true, startedAt: '2026-03-01T00:00:00Z', owner: null };
  const state = { format: 1, postgres: { ...entry, ports: { sql: 5433 } } };
  writeFileSync(join(workspace, 'services.json'), JSON.stringify(state));
  await feed('postgresql://biological_memory:own-password@127.0.0.1:5433/memories');
  await refuseEmbedded(context);
});

test('a table that the embedded one does not have may be a variable that was forgotten', async () => {
  const postgres = await openPostgres();
  onTestFinished(() => postgres.drop());
  const client = await postgres.pool.connect();
  await createMemories(client);
  client.release();
  const services = { ...(await shareServices()), postgres: { url: postgres.url, version: '18', started: true } };
  await requireEmbeddedTable(context, services, context.profile(services));

  const folder = makeFolder();
  const own = readFileSync(join(profilesDir, 'profiles.yml'), 'utf8');
  writeFileSync(join(folder, 'profiles.yml'), own.replace('table: memories', 'table: notes'));
  const edited = contextWith({}, folder);
  const forgotten = requireEmbeddedTable(edited, services, edited.profile(services));
  await expect(forgotten).rejects.toThrow(ConfigurationError);
  await expect(forgotten).rejects.toThrow(
    /there is no table public\.notes.*This is the embedded PostgreSQL, because POSTGRES_DB_URL is not set\./,
  );
  const named = contextWith({ POSTGRES_DB_URL: postgres.url }, folder);
  await requireEmbeddedTable(named, services, named.profile(services));
});
