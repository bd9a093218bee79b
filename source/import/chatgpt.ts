import { z } from 'zod';
import { readRole, sayBy } from './conversation.ts';
import { dropEmpty, hasField, type Draft, type Format, type LeftOut } from './format.ts';
import { readTime } from './time.ts';

const messageSchema = z.looseObject({
  id: z.string().nullish(),
  author: z.looseObject({ role: z.string().nullish() }).nullish(),
  create_time: z.unknown().optional(),
  content: z
    .looseObject({
      content_type: z.string().nullish(),
      parts: z.array(z.unknown()).nullish(),
      text: z.unknown().optional(),
    })
    .nullish(),
  recipient: z.string().nullish(),
  channel: z.string().nullish(),
  metadata: z.looseObject({ is_visually_hidden_from_conversation: z.boolean().nullish() }).nullish(),
});
const nodeSchema = z.looseObject({
  message: messageSchema.nullish(),
  parent: z.string().nullish(),
  children: z.array(z.string()).nullish(),
});
const conversationSchema = z.looseObject({
  id: z.string().nullish(),
  conversation_id: z.string().nullish(),
  title: z.string().nullish(),
  create_time: z.unknown().optional(),
  current_node: z.string().nullish(),
  mapping: z.record(z.string(), nodeSchema),
});
type Message = z.infer<typeof messageSchema>;
type Conversation = z.infer<typeof conversationSchema>;

/** What a model says to itself or reads of its own settings. */
const INNER = new Set(['thoughts', 'reasoning_recap', 'model_editable_context', 'user_editable_context']);
/** Marks of citations, between two characters of Unicode's private use. */
const CITATIONS = /\ue200[^\ue201]*\ue201/g;

/** `conversations.json` of an export from ChatGPT: a list of conversations, each a tree of messages with its current branch. */
export const chatgpt: Format = {
  name: 'chatgpt',
  title: 'conversations of ChatGPT',
  takes: (record) => hasField(record, 'mapping'),
  read: (record) => readConversation(conversationSchema.parse(record)),
};

function readConversation(conversation: Conversation): (Draft | LeftOut)[] {
  const path = findPath(conversation);
  let before = readTime(conversation.create_time);
  const found = path.flatMap((node): (Draft | LeftOut)[] => {
    const message = conversation.mapping[node]?.message;
    if (message === null || message === undefined) return [];
    // Old exports leave times out; what is said next comes after.
    before = readTime(message.create_time) ?? nextMillisecond(before);
    return [readMessage(conversation, message, { node, at: before })];
  });
  const onPath = new Set(path);
  const others = Object.entries(conversation.mapping)
    .filter(([node, { message }]) => !onPath.has(node) && message?.author && readRole(message.author.role) !== null)
    .map(() => ({ leftOut: 'message of another branch' }));
  return [...found, ...others];
}

function readMessage(
  { id, conversation_id, title }: Conversation,
  message: Message,
  { node, at }: { readonly node: string; readonly at: string | null },
): Draft | LeftOut {
  const role = readRole(message.author?.role);
  const text = textOf(message);
  const reason = reasonToLeaveOut(message);
  if (reason !== null) return { leftOut: reason };
  if (role === null) return { leftOut: 'message of neither side' };
  if (text === '') return { leftOut: 'empty message' };
  return {
    sourceId: message.id ?? node,
    content: sayBy(role, text),
    createdAt: at,
    context: title ?? null,
    metadata: dropEmpty({ role, conversation: conversation_id ?? id }),
  };
}

function reasonToLeaveOut({ author, content, metadata, recipient, channel }: Message): string | null {
  if (author?.role === 'system') return 'system prompt';
  if (author?.role === 'tool') return 'tool call';
  if (metadata?.is_visually_hidden_from_conversation === true) return 'hidden message';
  if (INNER.has(content?.content_type ?? '') || channel === 'analysis' || channel === 'commentary') return 'thinking';
  return recipient !== null && recipient !== undefined && recipient !== 'all' ? 'tool call' : null;
}

function textOf({ content }: Message): string {
  const parts = (content?.parts ?? []).map((part) => (hasField(part, 'text') ? part.text : part));
  const texts = [...parts, content?.text].filter((part): part is string => typeof part === 'string' && part !== '');
  return texts.join('\n').replace(CITATIONS, '').trim();
}

/** From the first message to the one that was shown last; a tree that names none, or one that it does not have, is read to its last leaf. */
function findPath({ mapping, current_node }: Conversation): string[] {
  const leaves = Object.keys(mapping).filter((node) => (mapping[node]?.children ?? []).length === 0);
  let node: string | null = current_node && current_node in mapping ? current_node : (leaves.at(-1) ?? null);
  const path = new Set<string>();
  while (node !== null && node in mapping && !path.has(node)) {
    path.add(node);
    node = mapping[node]?.parent ?? null;
  }
  return [...path].reverse();
}

function nextMillisecond(time: string | null): string | null {
  return time === null ? null : new Date(Date.parse(time) + 1).toISOString();
}
