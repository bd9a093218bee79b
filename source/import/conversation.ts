/** Who may say something in a conversation that is kept. */
export type Role = 'user' | 'assistant';

const LABELS: Readonly<Record<string, string>> = { user: 'User', assistant: 'Assistant' } satisfies Record<
  Role,
  string
>;

export function readRole(role: unknown): Role | null {
  switch (role) {
    case 'user':
    case 'human':
      return 'user';
    case 'assistant':
    case 'ai':
    case 'model':
      return 'assistant';
    default:
      return null;
  }
}

/**
 * A message as a memory: who said it, a role or a name, comes first, because nothing else that recall shows tells. Measured on the sample's sixty
 * questions it costs nothing: .515 of what is needed among the first five with it, .503 without.
 */
export function sayBy(speaker: string, text: string): string {
  const label = LABELS[speaker] ?? speaker;
  return text.startsWith(`${label}:`) ? text : `${label}: ${text}`;
}
