import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { interrupted } from '../program/interruption.ts';
import type { Memory } from '../program/memory.ts';
import { memoryOf } from '../program/open-memory.ts';

/** Lends the memory that the options name, and closes it, also after Ctrl-C. */
export async function withMemory(
  options: SharedOptions,
  body: (memory: Memory, context: Context) => Promise<void>,
): Promise<void> {
  const context = createContext(options);
  const memory = memoryOf(context);
  // What was started for it is stopped in order: one that is interrupted ends after what it does.
  void interrupted();
  try {
    await body(memory, context);
  } finally {
    await memory.close();
  }
}
