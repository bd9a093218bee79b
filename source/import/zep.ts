import { z } from 'zod';
import { readRole, sayBy } from './conversation.ts';
import { dropEmpty, hasField, type Draft, type Format, type LeftOut } from './format.ts';
import { readTime } from './time.ts';

const text = z.string().nullish();

const episodeSchema = z.looseObject({
  uuid: text,
  name: text,
  content: text,
  episode_body: text,
  source: text,
  source_description: text,
  group_id: text,
  graph_id: text,
  user_id: text,
  thread_id: text,
  session_id: text,
  role: text,
  role_type: text,
  valid_at: z.unknown().optional(),
  reference_time: z.unknown().optional(),
  created_at: z.unknown().optional(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
const factSchema = z.looseObject({
  uuid: text,
  name: text,
  fact: text,
  group_id: text,
  graph_id: text,
  user_id: text,
  valid_at: z.unknown().optional(),
  invalid_at: z.unknown().optional(),
  expired_at: z.unknown().optional(),
  created_at: z.unknown().optional(),
});

/** Of an episode or a message of a thread, beside its text. */
const EPISODE = [
  ...['uuid', 'source', 'source_description', 'group_id', 'graph_id', 'reference_time', 'valid_at'],
  ...['role', 'role_type'],
];

/** Episodes, facts (edges) and messages of Zep and of Graphiti, in lists of their own or mixed. */
export const zep: Format = {
  name: 'zep',
  title: 'episodes, facts and messages of Zep or Graphiti',
  takes: (record) => isFact(record) || isEpisode(record) || isEntity(record),
  read: (record) => {
    if (isFact(record)) return readFact(record);
    return [isEntity(record) ? { leftOut: 'entity' } : readEpisode(record)];
  },
};

const isFact = (record: unknown) => hasField(record, 'fact');
const isEpisode = (record: unknown) =>
  (hasField(record, 'content') && EPISODE.some((field) => hasField(record, field))) || hasField(record, 'episode_body');
/** Its summary is made from the episodes. */
const isEntity = (record: unknown) => hasField(record, 'uuid') && hasField(record, 'labels') && !isEpisode(record);

function readEpisode(record: unknown): Draft | LeftOut {
  const episode = episodeSchema.parse(record);
  const said = episode.content ?? episode.episode_body ?? '';
  const kind = episode.role_type ?? episode.role;
  const role = readRole(kind);
  if (kind && ['system', 'tool', 'function'].includes(kind))
    return { leftOut: kind === 'system' ? 'system prompt' : 'tool call' };
  if (said.trim() === '') return { leftOut: 'empty message' };
  const { uuid, name, source, source_description, group_id, user_id, thread_id, session_id } = episode;
  const [reference, created] = [episode.valid_at ?? episode.reference_time, episode.created_at].map(readTime);
  // A message names its speaker, an episode itself.
  const speaker = role === null ? null : nameSpeaker(episode, role);
  return {
    sourceId: uuid ?? `${group_id ?? thread_id ?? ''} ${name ?? ''} ${reference ?? created ?? ''}`,
    content: speaker === null ? said : sayBy(speaker, said),
    createdAt: reference ?? created ?? null,
    agent: group_id ?? episode.graph_id ?? user_id ?? null,
    context: source_description || (role === null ? (name ?? null) : null),
    metadata: dropEmpty({ ...episode.metadata, role, source, thread: thread_id ?? session_id }),
  };
}

/** Who is named, `Maria`, can be asked for; before there were two fields, `role` held the name. */
function nameSpeaker({ name, role, role_type }: z.infer<typeof episodeSchema>, fallback: string): string {
  const named = role_type && role && readRole(role) === null ? role : name;
  return named && readRole(named.toLowerCase()) === null ? named : fallback;
}

/** A fact, and where it has stopped being true another memory that says so, of the day when it did. */
function readFact(record: unknown): (Draft | LeftOut)[] {
  const edge = factSchema.parse(record);
  if (!edge.fact || edge.fact.trim() === '') return [{ leftOut: 'empty fact' }];
  const [valid, invalid, created, expired] = [edge.valid_at, edge.invalid_at, edge.created_at, edge.expired_at].map(
    readTime,
  );
  const common = {
    sourceId: edge.uuid ?? '',
    agent: edge.group_id ?? edge.graph_id ?? edge.user_id ?? null,
    metadata: dropEmpty({ relation: edge.name, valid_at: valid, invalid_at: invalid }),
  };
  const ended = invalid ?? expired ?? null;
  const fact = { ...common, content: edge.fact, createdAt: valid ?? created ?? null };
  return ended === null
    ? [fact]
    : [fact, { ...common, content: `No longer true since ${ended.slice(0, 10)}: ${edge.fact}`, createdAt: ended }];
}
