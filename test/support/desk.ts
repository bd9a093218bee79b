import { onTestFinished, vi } from 'vitest';
import type { Reader } from '../../llm/task.ts';
import type { Model } from '../../llm/model.ts';
import { ModelUnavailable } from '../../llm/model-error.ts';
import { createReader } from '../../llm/reader.ts';
import { openLab, type Lab } from './lab.ts';
import { sayLittle } from './scripted-answers.ts';
import { scriptModel, type Line, type ScriptedModel } from './scripted-model.ts';

/** More than a test takes. */
export const BUDGET = { calls: 1000, tokens: 1e9, seconds: 3600 };
export const down = new ModelUnavailable('Ollama does not answer');

export interface Desk {
  readonly lab: Lab;
  readonly model: ScriptedModel;
  /** Name and digest of the model from now on; an error: it is out of reach. */
  become: (identity: string | Error) => void;
}

/** A pipeline that a scripted model reads for. */
export async function openDesk(line: Line = sayLittle, { budget = BUDGET, parallel = 1 } = {}): Promise<Desk> {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  let current: string | Error = 'm@000000000001';
  const model: ScriptedModel = {
    ...scriptModel(line, parallel),
    identify: () => (typeof current === 'string' ? Promise.resolve(current) : Promise.reject(current)),
  };
  const reader = (_: Reader, kept: Model | null) => createReader(kept ?? model, () => undefined);
  const lab = await openLab({}, reader, { budget, parallel }, { model });
  const become = (identity: string | Error) => {
    current = identity;
    // A model that failed is left alone for a minute.
    vi.setSystemTime(Date.now() + 61_000);
  };
  return { lab, model, become };
}
