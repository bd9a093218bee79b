import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clear, makeWorkspace, SILENT } from '../services/support.ts';
import { biomem } from '../support/biomem.ts';
import { makeProfile } from '../support/debug.ts';
import { startFakeOllama } from '../support/fake-ollama.ts';
import { makeLines, writeJournal } from '../support/journal.ts';

let folder: string;
let malformed: string;

beforeAll(async () => {
  folder = await makeWorkspace();
  malformed = await writeJournal(folder, 'malformed.jsonl', [...makeLines(2, 1), '{"content": "half']);
});
afterAll(() => clear(folder));

/** A workspace of its own for each case: none of them may make it, and the cases run side by side. */
function neverMade(): string {
  return join(folder, randomUUID());
}

describe.concurrent(
  'wrong usage exits with 2, says what was expected, prints nothing on stdout and starts nothing:',
  () => {
    test.each<[args: string, stderr: RegExp]>([
      ['', /Usage: biomem/],
      ['sleep', /unknown command 'sleep'/],
      ['dream --fast', /unknown option '--fast'/],
      ['dream --nights 0', /expected a whole number from 1 to 100000/],
      ['dream --journal /nonexistent/journal.jsonl', /\/nonexistent\/journal\.jsonl: cannot be read \(ENOENT\)/],
      ['dream --target production', /production.*dev.*prod.*test/s],
      ['up --target production', /production.*dev.*prod.*test/s],
      ['worker --target production', /production.*dev.*prod.*test/s],
      ['up --profiles-dir /nonexistent', /\/nonexistent/],
      ['up --profile nobody', /no profile "nobody"; it has biological_memory/],
      ['up --threads many', /--threads must be a whole number of at least 1, not many/],
      ['up --vars [1]', /--vars must be a mapping in YAML or JSON, .*, not a list/],
      ['up --vars {a', /--vars:1:[0-9]+: not valid YAML/],
      ['profile show --target production', /production.*dev.*prod.*test/s],
      ['cycle run --as-of yesterday', /expected ISO 8601/],
      ['cycle run --as-of 2026-03-05T03:00:00', /expected ISO 8601 with a zone/],
      ['cycle run --as-of 2026-03-05', /expected ISO 8601 with a zone/],
      ['cycle run --as-of 2026-02-30T03:00:00Z', /expected ISO 8601/],
      ['cycle run --as-of 2026-03-05T24:00:00Z', /expected ISO 8601/],
      ['cycle run --as-of 2026-03-05T25:00:00Z', /expected ISO 8601/],
      ['cycle run --stage dreaming', /expected one of ingest, workingMemory/],
      ['remember', /expected either a text or --file, got neither/],
      ['remember text --file journal.jsonl', /got both/],
      ['feedback r1', /expected the id of a memory that was used, or of one that was wrong, got none/],
      ['feedback r1 --used m1 m2 --wrong m2', /m2: given as used and as wrong/],
      ['feedback r1 --used m1 --as-of today', /as of: expected ISO 8601/],
      ['feedback', /missing required argument 'recall id'/],
      ['forget', /expected either ids or --query, got neither/],
      ['forget a --query b', /got both/],
      ['forget a', /a  \(not in the recall file\)[^]*asks before it erases, and there is no terminal/],
      ['restore-memory', /missing required argument 'id'/],
      ['checksum', /there is no database yet/],
    ])('biomem %s', async (args, message) => {
      const workspace = neverMade();
      const outcome = await biomem(args.split(' ').filter(Boolean), args === '' ? {} : { workspace });
      expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
      expect(existsSync(workspace)).toBe(false);
    });

    test.each(['up', 'worker'])('biomem %s on a profile of dbt alone, which has no memories', async (command) => {
      const workspace = neverMade();
      const place = join(folder, 'dbt-alone');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'profiles.yml'), 'shop: {target: dev, outputs: {dev: {type: duckdb}}}');
      const outcome = await biomem([command, '--profiles-dir', place, '--profile', 'shop'], { workspace });
      const message = 'shop.outputs.dev.attach has no attachment with the alias source_memories';
      expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
      expect(existsSync(workspace)).toBe(false);
    });

    test.each(['', '  '])('biomem remember with the empty text "%s"', async (text) => {
      const workspace = neverMade();
      const { code, stdout, stderr } = await biomem(['remember', text], { workspace });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('expected a text to remember, got an empty one');
      expect(existsSync(workspace)).toBe(false);
    });

    test.each(['dream --journal', 'remember --file'])(
      'biomem %s with a malformed line names file and line',
      async (args) => {
        const workspace = neverMade();
        const { code, stdout, stderr } = await biomem([...args.split(' '), malformed], { workspace });
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toContain(`${malformed}:3: `);
        expect(stderr).toContain('Nothing was loaded.');
        expect(existsSync(workspace)).toBe(false);
      },
    );
  },
);

describe.concurrent(
  'a configured service that does not answer: exit 1, with its address and variable and no password:',
  () => {
    const POSTGRES_DB_URL = `postgresql://agent:s3cret%2Fword@${SILENT}/memories`;
    const COMMANDS = ['up', 'worker', 'remember something', 'services up'];

    test.each(COMMANDS)('biomem %s without its PostgreSQL', async (args) => {
      const workspace = neverMade();
      const { code, stdout, stderr } = await biomem(args.split(' '), { workspace, env: { POSTGRES_DB_URL } });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(SILENT);
      expect(stderr).toContain('POSTGRES_DB_URL');
      expect(stderr).not.toMatch(/s3cret|word@/);
      expect(existsSync(workspace)).toBe(false);
    });

    test.each([...COMMANDS.slice(0, 2), 'cycle run', 'cycle status', 'schedules list', 'dream'])(
      'biomem %s without its Temporal',
      async (args) => {
        const workspace = neverMade();
        const { code, stdout, stderr } = await biomem(args.split(' '), {
          workspace,
          env: { TEMPORAL_ADDRESS: SILENT },
        });
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toContain(SILENT);
        expect(stderr).toContain('TEMPORAL_ADDRESS');
        expect(existsSync(workspace)).toBe(false);
      },
    );

    test('services status says so, and why, without the password', async () => {
      const workspace = neverMade();
      const { code, stdout } = await biomem(['services', 'status', '--json'], { workspace, env: { POSTGRES_DB_URL } });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ postgres: { state: 'silent', configuredBy: 'POSTGRES_DB_URL' } });
      expect(stdout).not.toMatch(/s3cret|word@/);
    });
  },
);

test('nothing to stop, nothing to list: exit 0 and 1', async () => {
  const workspace = neverMade();
  expect(await biomem(['services', 'down'], { workspace })).toMatchObject({ code: 0, stdout: 'nothing was running' });
  const { code, stderr } = await biomem(['cycle', 'status'], { workspace });
  expect(code).toBe(1);
  expect(stderr).toContain('Start everything with: npm start');
  expect(existsSync(workspace)).toBe(false);
});

test.each([
  ['remember', 'text'],
  ['cycle', 'run'],
])('biomem %s %s needs no model and does not ask Ollama for one', async (...args) => {
  const ollama = await startFakeOllama();
  const env = { OLLAMA_URL: ollama.url, TEMPORAL_ADDRESS: SILENT, POSTGRES_DB_URL: `postgresql://me@${SILENT}/d` };
  const { code, stderr } = await biomem(args, { workspace: neverMade(), env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/Temporal|PostgreSQL/);
  expect(ollama.asked).toEqual([]);
});

test('services status finds the Ollama that the profile names, whatever OLLAMA_URL says, or tells who names it', async () => {
  const ollama = await startFakeOllama();
  const status = (url: string, env = {}) => {
    const profile = makeProfile({ pipeline: { llm: { url } } });
    return biomem(['services', 'status', '--json', '--profiles-dir', profile.folder], { ...profile, env });
  };
  const found = await status(ollama.url, { OLLAMA_URL: `http://${SILENT}` });
  expect(JSON.parse(found.stdout)).toMatchObject({ ollama: { url: ollama.url, version: '0.6.5' } });
  const { stdout, stderr } = await status(`http://me:hunter2@${SILENT}`, { OLLAMA_URL: ollama.url });
  expect(JSON.parse(stdout)).toMatchObject({ ollama: null });
  expect(stderr).toMatch(
    /^Ollama cannot be used \(biological_memory\.outputs\.dev\.pipeline\.llm\.url\): Ollama does not/m,
  );
  expect(stderr).not.toContain('hunter2');
});
