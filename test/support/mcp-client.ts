// An MCP client in a process of its own, for a test that kills it: it has something remembered, says so, and waits.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [command = '', ...args] = process.argv.slice(2);
const env = Object.fromEntries(
  Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
);
const client = new Client({ name: 'killed', version: '1.0.0' });
await client.connect(new StdioClientTransport({ command, args, env }));
await client.callTool({ name: 'remember', arguments: { content: 'The last words of a client.' } });
process.stdout.write('remembered\n');
setInterval(() => undefined, 1_000);
