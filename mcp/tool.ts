import type { CallToolResult, McpServer, ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { messageOf } from '../memory/errors.ts';
import { redact } from '../profiles/redact.ts';
import type { Memory } from '../program/memory.ts';

/** What a model reads of a tool, and what the tool does. */
interface Definition<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** When to use it, and what comes back. */
  readonly description: string;
  readonly input: Input;
  /** Of the answer's value; it is held against it before it is sent. */
  readonly output: z.ZodObject;
  readonly annotations: ToolAnnotations;
  readonly run: (memory: Memory, input: z.output<Input>) => Promise<Answer>;
}

/** An answer twice: for programs, and as a text for a model. */
interface Answer {
  readonly value: object;
  readonly text: string;
}

/** Offers a tool of a memory to the clients of a server. */
export type AddTool = (server: McpServer, memory: Memory) => void;

/** Makes a tool of its definition. What it throws is an answer that says what went wrong, for the model to read. */
export function defineTool<Input extends z.ZodObject>(definition: Definition<Input>): AddTool {
  const { name, title, description, input, output, annotations, run } = definition;
  const inputSchema: z.ZodObject = input;
  const config = { title, description, inputSchema, outputSchema: output, annotations };
  return (server, memory) => {
    server.registerTool(name, config, async (given): Promise<CallToolResult> => {
      try {
        const { value, text } = await run(memory, input.parse(given));
        return { structuredContent: { ...value }, content: [{ type: 'text', text }] };
      } catch (error) {
        return { isError: true, content: [{ type: 'text', text: redact(messageOf(error)) }] };
      }
    });
  };
}
