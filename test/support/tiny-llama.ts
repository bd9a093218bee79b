/** A file of a model by its name, as `/api/create` wants it. */
export type ModelFiles = Readonly<Record<string, Uint8Array>>;

const HIDDEN = 64;
const LAYERS = 2;
const HEADS = 4;
const INNER = 128;
const CONTEXT = 8192;
const BEGIN = '<|begin_of_text|>';
const END = '<|end_of_text|>';

/**
 * A Llama of two layers with random weights, always the same: it speaks nonsense, through the server's real tokenizer,
 * sampler and grammar. One token for each byte, as a rule.
 */
export function makeTinyLlama(): ModelFiles {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const vocabulary = makeVocabulary();
  const [begin, end] = [vocabulary.size, vocabulary.size + 1];
  const special = { bos_token: BEGIN, eos_token: END };
  return {
    'config.json': json({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: HIDDEN,
      intermediate_size: INNER,
      num_hidden_layers: LAYERS,
      num_attention_heads: HEADS,
      num_key_value_heads: HEADS,
      head_dim: HIDDEN / HEADS,
      vocab_size: vocabulary.size + 2,
      max_position_embeddings: CONTEXT,
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      bos_token_id: begin,
      eos_token_id: end,
      torch_dtype: 'float32',
      tie_word_embeddings: false,
    }),
    'tokenizer.json': json(makeTokenizer(vocabulary)),
    'tokenizer_config.json': json({ ...special, tokenizer_class: 'PreTrainedTokenizerFast' }),
    'special_tokens_map.json': json(special),
    'model.safetensors': writeSafetensors(makeWeights(vocabulary.size + 2)),
  };
}

/** The characters by which GPT-2's byte-level alphabet writes each byte, then two merges: the server wants some. */
function makeVocabulary(): Map<string, number> {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173 && byte < 256);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const shifted = bytes.filter((byte) => !printable(byte));
  const letters = [
    ...bytes.filter(printable).map((byte) => String.fromCodePoint(byte)),
    ...shifted.map((_, index) => String.fromCodePoint(256 + index)),
  ];
  return new Map([...letters, 'th', 'in'].map((token, index) => [token, index]));
}

function makeTokenizer(vocabulary: ReadonlyMap<string, number>) {
  const added = [BEGIN, END].map((content, index) => ({
    ...{ id: vocabulary.size + index, content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }));
  return {
    version: '1.0',
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries([...vocabulary, ...added.map(({ content, id }) => [content, id] as const)]),
      merges: ['t h', 'i n'],
    },
  };
}

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function makeWeights(vocabularySize: number): Map<string, Tensor> {
  const random = makeRandom(42);
  const tensors = new Map<string, Tensor>();
  const add = (name: string, shape: readonly number[], value: () => number) =>
    tensors.set(name, { shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, value) });
  const weight = (name: string, rows: number, columns: number) => add(`${name}.weight`, [rows, columns], random);
  const norm = (name: string) => add(`${name}.weight`, [HIDDEN], () => 1);
  weight('model.embed_tokens', vocabularySize, HIDDEN);
  weight('lm_head', vocabularySize, HIDDEN);
  norm('model.norm');
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const of = (part: string) => `model.layers.${String(layer)}.${part}`;
    norm(of('input_layernorm'));
    norm(of('post_attention_layernorm'));
    for (const part of ['q', 'k', 'v', 'o']) weight(of(`self_attn.${part}_proj`), HIDDEN, HIDDEN);
    weight(of('mlp.gate_proj'), INNER, HIDDEN);
    weight(of('mlp.up_proj'), INNER, HIDDEN);
    weight(of('mlp.down_proj'), HIDDEN, INNER);
  }
  return tensors;
}

/** Numbers from -0.2 to 0.2, by the linear congruence of Numerical Recipes. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.4;
  };
}

/** The safetensors format: the header's length (u64), the header as JSON, the numbers. */
function writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  let offset = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { shape, values }]) => {
      const from = offset;
      offset += values.byteLength;
      return [name, { dtype: 'F32', shape, data_offsets: [from, offset] }];
    }),
  );
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...[...tensors.values()].map(({ values }) => Buffer.from(values.buffer))]);
}
