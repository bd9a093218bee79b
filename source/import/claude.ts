import { z } from 'zod';
import { readRole, sayBy } from './conversation.ts';
import { dropEmpty, hasField, type Draft, type Format, type LeftOut } from './format.ts';
import { readTime } from './time.ts';

const messageSchema = z.looseObject({
  uuid: z.string().nullish(),
  sender: z.string().nullish(),
  text: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string().nullish(), text: z.string().nullish() })).nullish(),
  created_at: z.unknown().optional(),
  attachments: z.array(z.unknown()).nullish(),
  files: z.array(z.unknown()).nullish(),
});
const conversationSchema = z.looseObject({
  uuid: z.string().nullish(),
  name: z.string().nullish(),
  created_at: z.unknown().optional(),
  chat_messages: z.array(messageSchema),
});
type Message = z.infer<typeof messageSchema>;
type Conversation = z.infer<typeof conversationSchema>;

/** `conversations.json` of an export from claude.ai: a list of conversations, each with its messages. */
export const claude: Format = {
  name: 'claude',
  title: 'conversations of Claude',
  takes: (record) => hasField(record, 'chat_messages'),
  read: (record) => {
    const conversation = conversationSchema.parse(record);
    return conversation.chat_messages.flatMap((message) => readMessage(conversation, message));
  },
};

function readMessage(conversation: Conversation, message: Message): (Draft | LeftOut)[] {
  const leftOut = [
    ...(message.content ?? []).filter(({ type }) => type !== 'text').map(({ type }) => nameBlock(type)),
    ...[...(message.attachments ?? []), ...(message.files ?? [])].map(() => 'attachment'),
  ].map((reason) => ({ leftOut: reason }));
  const role = readRole(message.sender);
  const text = textOf(message);
  if (role === null) return [...leftOut, { leftOut: 'message of neither side' }];
  if (text === '') return [...leftOut, { leftOut: 'empty message' }];
  const draft = {
    sourceId: message.uuid ?? `${conversation.uuid ?? ''} ${String(message.created_at)}`,
    content: sayBy(role, text),
    createdAt: readTime(message.created_at) ?? readTime(conversation.created_at),
    context: conversation.name ?? null,
    metadata: dropEmpty({ role, conversation: conversation.uuid }),
  };
  return [...leftOut, draft];
}

/** `text` holds a note for each block that is none, so the blocks come first. */
function textOf({ content, text }: Message): string {
  const blocks = (content ?? []).filter(({ type }) => type === 'text').map((block) => block.text?.trim() ?? '');
  const said = blocks.filter((block) => block !== '').join('\n\n');
  return said !== '' || (content ?? []).length > 0 ? said : (text?.trim() ?? '');
}

function nameBlock(type: string | null | undefined): string {
  if (type === 'tool_use' || type === 'tool_result') return 'tool call';
  return type === 'thinking' || type === 'redacted_thinking' ? 'thinking' : 'block that is no text';
}
