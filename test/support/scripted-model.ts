import type { Generation, GenerateRequest, Model } from '../../llm/model.ts';

/** What a scripted model does with one request: the text it answers, or an error that it throws. */
export type Line = (request: GenerateRequest) => string | Error | Promise<string>;

export interface ScriptedModel extends Model {
  readonly asked: GenerateRequest[];
}

/** A model that answers by script and keeps what it was asked. */
export function scriptModel(line: Line, parallel = 1): ScriptedModel {
  const asked: GenerateRequest[] = [];
  const generate = async (request: GenerateRequest): Promise<Generation> => {
    asked.push(request);
    const said = await line(request);
    if (said instanceof Error) throw said;
    return { text: said, promptTokens: request.prompt.length, answerTokens: said.length };
  };
  const identify = (task: string) => Promise.resolve(`${task === 'extract' ? 'small' : 'large'}@0123456789ab`);
  return {
    parallel,
    room: 8192,
    asked,
    generate,
    identify,
    embed: () => Promise.reject(new Error('it does not embed')),
  };
}
