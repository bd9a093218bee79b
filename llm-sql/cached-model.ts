import { cancellable } from '../llm/cancel.ts';
import { withCalls, type Model } from '../llm/model.ts';
import type { LlmCache } from './cache.ts';
import { keyOf } from './calls.ts';

/** The model, so that what it has been asked to generate before is answered from the cache: a killed worker asks the rest alone. */
export function cacheModel(model: Model, cache: LlmCache): Model {
  return withCalls(model, {
    generate: async (request, signal) => {
      const identity = await cancellable(model.identify('generate', request.options.model), signal);
      // A key of its own: who asks the model itself checks the answers itself, and may find that one does not fit.
      const key = keyOf('model', request, { identity, room: model.room });
      const known = (await cache.lookUp([key])).get(key);
      if (typeof known === 'string') return { text: known, promptTokens: 0, answerTokens: 0, cached: true };
      const { text, ...tokens } = await model.generate(request, signal);
      cache.keep({ key, model: identity, value: text.toWellFormed(), ...tokens });
      await cache.flush();
      return { text, ...tokens };
    },
  });
}
