import { ConfigurationError } from '../memory/errors.ts';
import { describeMachine } from './machine.ts';

/** Each number that docs/measured.md gives, by the name under which it is measured again. */
const BENCHES: Readonly<Record<string, readonly [what: string, load: () => Promise<{ run: () => Promise<unknown> }>]>> =
  {
    dream: ['seconds and memory of `biomem dream` on the sample', () => import('./dream.ts')],
    repeat: ['the sample dreamt twice, and shuffled: the same checksum', () => import('./repeat.ts')],
    history: ["events of a cycle's history for 400 and for 40,000 memories", () => import('./history.ts')],
    kill: ['kill -9 of the worker at ten random moments: the undisturbed checksum', () => import('./kill.ts')],
    ingest: [
      'a million rows read: all new, and nothing new for a waking cycle and a night',
      () => import('./ingest.ts'),
    ],
    import: [
      'a hundred thousand memories of each kind of export, remembered; the same again; and 200 MB',
      () => import('./import.ts'),
    ],
    profile: [
      'milliseconds of `biomem profile show` and of loading large and hostile profiles',
      () => import('./profile.ts'),
    ],
    embed: ['embeddings of 1,000 memories by a real Ollama, against a bare loop of fetch', () => import('./embed.ts')],
    onnx: ['the same texts embedded in this process: milliseconds a text, event-loop delay', () => import('./onnx.ts')],
    llm: [
      'LLM functions in SQL on a server of 200 ms a call: in passes, cached, and blocking',
      () => import('./llm.ts'),
    ],
    recall: [
      "the sample's questions: what is found by each part of the ranking, all, and all but each",
      () => import('./recall.ts'),
    ],
    judgement: [
      'whether what is kept is what questions need: signals, fates, links and gists beside words and chance',
      () => import('./judgement.ts'),
    ],
    validation: [
      'published findings against the macros and statements: docs/validation.md',
      () => import('./validation.ts'),
    ],
    episodes: [
      'whether episodes end where the subject changes: sessions of the sample set one after the other',
      () => import('./episodes.ts'),
    ],
    nights: [
      'whether fates depend on days and not on cycles: nine months in one night a day, in fewer, and in one',
      () => import('./nights.ts'),
    ],
    'recall-speed': [
      'milliseconds of a question over 100,000 memories; many clients at once; one `biomem recall`',
      () => import('./recall-speed.ts'),
    ],
    mcp: ["milliseconds to an MCP server's first answer, and to the first recall", () => import('./mcp.ts')],
    forget: ['a thousand random memories forgotten, and traces of them looked for', () => import('./forget.ts')],
    publish: ['publishing for recall over 100,000 memories: all, nothing new, 100 new', () => import('./publish.ts')],
    context: [
      "the sample's questions as tasks: answers inside of biomem context, and of recall's results until the budget is full",
      () => import('./context.ts'),
    ],
    disk: ['a cycle on a full disk, and the one after it (needs root for a small tmpfs)', () => import('./disk.ts')],
  };

const [name = '--help'] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  const lines = Object.entries(BENCHES).map(([each, [what]]) => `  ${each.padEnd(12)} ${what}`);
  console.log(`npm run bench -- <name>\n\n${lines.join('\n')}`);
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  const [what, load] = bench;
  const { run } = await load();
  try {
    console.log(JSON.stringify({ bench: name, what, machine: describeMachine(), result: await run() }, null, 2));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
