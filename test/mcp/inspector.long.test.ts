import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clear, makeWorkspace } from '../services/support.ts';
import { CODE, mcpCommand, publishMemories } from '../support/mcp.ts';
import { passOver } from '../support/requirements.ts';

// Not among the dependencies: 110 MB, for a command line that a test runs.
const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0';

/** npm sets variables for the scripts that it runs, and another npm would take them for its own configuration. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/.test(name)));
const npx = (args: readonly string[]) =>
  execa('npx', ['--yes', INSPECTOR, ...args], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 300_000,
  });

const { exitCode, stderr } = await npx(['--cli', '--help']);
if (exitCode !== 0) passOver('inspector', `npx ${INSPECTOR} cannot be had: ${stderr.slice(-200)}`);

describe.skipIf(exitCode !== 0)('the command line of the MCP Inspector', () => {
  let workspace: string;
  beforeAll(async () => {
    workspace = await makeWorkspace();
    await publishMemories(workspace);
  });
  afterAll(() => clear(workspace));

  async function inspect(...method: readonly string[]): Promise<unknown> {
    const { command, args } = mcpCommand(workspace);
    const { stdout, ...outcome } = await npx(['--cli', command, ...args, '--method', ...method]);
    expect(outcome).toMatchObject({ exitCode: 0 });
    return JSON.parse(stdout);
  }

  test('lists the tools and the resources', async () => {
    const { tools } = (await inspect('tools/list')) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['recall', 'remember', 'why', 'status']));
    expect(await inspect('resources/list')).toMatchObject({ resources: [{ uri: 'memory://working-memory' }, {}] });
  });

  test('calls a tool and reads a resource', async () => {
    const question = 'question=What is the code of the garden gate?';
    const answer = await inspect(
      'tools/call',
      '--tool-name',
      'recall',
      '--tool-arg',
      question,
      '--tool-arg',
      'limit=1',
    );
    expect(answer).toMatchObject({ structuredContent: { results: [{ id: 'gate-code-1', content: CODE }] } });
    const read = await inspect('resources/read', '--uri', 'memory://last-night');
    expect(read).toMatchObject({ contents: [{ text: expect.stringContaining('The night of') }] });
  });
});
