import { check } from './check.ts';
import type { Variables } from './functions.ts';
import type { Location } from './location.ts';
import { type Pipeline, pipelineSchema, temporalSchema } from './pipeline-schema.ts';
import { render } from './template.ts';
import { type Environment, type Mapping, member } from './value.ts';

export type { Pipeline } from './pipeline-schema.ts';

/** Ollama, and which of its models does what. */
export type LlmSettings = Pipeline['llm'];

/**
 * The output's `pipeline:` block with its defaults filled in. Unlike the rest of the output an unknown key is refused: what
 * is ours can be told apart from a slip. Throws ConfigurationError.
 */
export function checkPipeline(location: Location, rendered: Mapping, env: Environment): Pipeline {
  const path = [...location.path, 'pipeline'];
  const block = member(rendered, 'pipeline') ?? undefined;
  const pipeline = check(pipelineSchema(env, location.target), location.document, path, block);
  const named = member(member(block, 'source'), 'attachment');
  const aliases = attachedAliases(rendered);
  if (typeof named === 'string' && !aliases.includes(named)) {
    const has = aliases.length > 0 ? `the aliases are ${aliases.join(', ')}` : 'there is no attachment with an alias';
    throw location.document.fault(
      [...path, 'source', 'attachment'],
      `must be the alias of an attachment; ${has}, not "${named}"`,
    );
  }
  return pipeline;
}

/**
 * `pipeline.temporal.namespace` of a target, by itself: to ask Temporal takes none of the other values, and none of the variables that
 * those are made of. Throws ConfigurationError.
 */
export function readNamespace({ document, path, output }: Location, variables: Variables): string | undefined {
  const at = [...path, 'pipeline', 'temporal'];
  const block = member(member(output, 'pipeline'), 'temporal') ?? undefined;
  return check(temporalSchema, document, at, block && render(document, at, block, variables))?.namespace;
}

function attachedAliases(rendered: Mapping): string[] {
  const attach = member(rendered, 'attach');
  const items = Array.isArray(attach) ? attach : [];
  return items.map((item: unknown) => member(item, 'alias')).filter((alias) => typeof alias === 'string');
}
