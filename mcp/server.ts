import { McpServer } from '@modelcontextprotocol/server';
import type { Memory } from '../program/memory.ts';
import { NOTICE } from './data.ts';
import { addResources } from './resources.ts';
import type { AddTool } from './tool.ts';
import { context } from './tools/context.ts';
import { feedback } from './tools/feedback.ts';
import { forget } from './tools/forget.ts';
import { recall } from './tools/recall.ts';
import { remember } from './tools/remember.ts';
import { status } from './tools/status.ts';
import { why } from './tools/why.ts';

const TOOLS: readonly AddTool[] = [recall, context, remember, why, feedback, forget, status];

const INSTRUCTIONS =
  'The long-term memory of AI agents: what they wrote down is attended to, linked, and slept on, so that the important stays. ' +
  'Recall before you ask the user for what may be known, and remember what another conversation will need. ' +
  NOTICE;

/** A server over a memory, ready to be connected; servers of one memory may be many. */
export function createServer(memory: Memory, version: string): McpServer {
  const server = new McpServer(
    { name: 'biological-memory', title: 'Biological memory', version },
    // What is offered stays the same while it serves.
    { instructions: INSTRUCTIONS, capabilities: { tools: { listChanged: false }, resources: { listChanged: false } } },
  );
  for (const add of TOOLS) add(server, memory);
  addResources(server, memory);
  return server;
}
