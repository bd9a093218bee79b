import { reply, type Script } from './fake-ollama.ts';

const html = '<!doctype html><html><title>Sign in</title>';

/** What a server may send instead of an answer: what it is, the error that it becomes, what that says, and who sends it. */
export const faults: readonly (readonly [what: string, error: string, message: RegExp, script: Script])[] = [
  [
    'HTML with a success',
    'ModelUnavailable',
    /does not answer as Ollama does: it sent what is not JSON/,
    (_, response) => Boolean(response.writeHead(200, { 'Content-Type': 'text/html' }).end(html)),
  ],
  [
    'HTML with a failure',
    'ModelUnavailable',
    /HTTP 502: <!doctype html><html><title>Sign in<\/title>$/,
    (_, response) => Boolean(response.writeHead(502).end(html)),
  ],
  [
    'half a JSON document',
    'ModelUnavailable',
    /it sent what is not JSON/,
    (_, response) => Boolean(response.end('{"response": "hal')),
  ],
  [
    'a connection that breaks in the middle',
    'ModelUnavailable',
    /does not answer at http:\/\/127\.0\.0\.1:\d+: (?:other side closed|terminated|read ECONNRESET)/,
    (_, response) => {
      response.writeHead(200).write('{"respo', () => response.destroy());
      return true;
    },
  ],
  ['nothing', 'ModelUnavailable', /it sent what is not JSON/, (_, response) => Boolean(response.end())],
  [
    'JSON of another kind',
    'ModelUnavailable',
    /it sent \{"hello":1\} \(.*response/,
    (_, response) => reply(response, { hello: 1 }),
  ],
  [
    '10 MB',
    'ModelUnavailable',
    /answers with more than 8 MB: this is not Ollama$/,
    (_, response) => reply(response, { response: 'x'.repeat(10_000_000), done: true }),
  ],
  [
    'a model that is still loading',
    'ModelUnavailable',
    /HTTP 503: server busy/,
    (_, response) => reply(response, { error: 'server busy, please try again' }, 503),
  ],
  [
    'a runner that died',
    'ModelUnavailable',
    /HTTP 500: llama runner process has terminated/,
    (_, response) => reply(response, { error: 'llama runner process has terminated' }, 500),
  ],
  [
    'a refusal',
    'ModelRefused',
    /HTTP 400: "x" does not support generate; name another model: OLLAMA_MODEL, pipeline\.llm\.generate/,
    (_, response) => reply(response, { error: '"x" does not support generate' }, 400),
  ],
  [
    'an option of the wrong type',
    'ModelRefused',
    /HTTP 500: option "seed" must be of type integer/,
    (_, response) => reply(response, { error: 'option "seed" must be of type integer' }, 500),
  ],
  [
    'a redirect to another host',
    'ModelRefused',
    /redirects to http:\/\/elsewhere\.example, which is not followed: set OLLAMA_URL/,
    (_, response) => Boolean(response.writeHead(307, { Location: 'http://elsewhere.example/api/generate' }).end()),
  ],
  [
    'an answer that was broken off',
    'UnfitAnswer',
    /tiny-random at .* broke off its answer: nnnn \(the server ends an answer that repeats itself: another temperature/,
    (_, response) => reply(response, { response: 'nnnn', done: false }),
  ],
  [
    'counts above the context',
    'ContextTooLong',
    /^4000 tokens of prompt, 200 of answer do not fit/,
    (_, response) => reply(response, { response: 'x', done: true, prompt_eval_count: 4000, eval_count: 200 }),
  ],
];

/** Sends one byte every tenth of a second, and never the last. */
export const drip: Script = (_, response) => {
  const timer = setInterval(() => response.write(' '), 100);
  response.once('close', () => {
    clearInterval(timer);
  });
  return true;
};
