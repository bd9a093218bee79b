/** A memory as an export tells it. */
export interface Draft {
  /** The id that the export gives it, or what else tells it from every other of the same text. */
  readonly sourceId: string;
  /** The source id is only where it stood, under which headings for example, and means it within its agent alone. */
  readonly placed?: true;
  readonly content: string;
  /** When it was written and last changed, ISO 8601 in UTC; null where the export does not tell. */
  readonly createdAt: string | null;
  readonly updatedAt?: string | null;
  readonly agent?: string | null;
  readonly tags?: readonly string[];
  readonly context?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A part of an export that becomes no memory, and why: `empty message`, `tool call`. */
export interface LeftOut {
  readonly leftOut: string;
}

/** A kind of export. */
export interface Format {
  /** Part of the ids: another name would load every export of this kind once more. */
  readonly name: string;
  /** What it is called to a person. */
  readonly title: string;
  /** Whether a record is one of these, by its fields. */
  readonly takes: (record: unknown) => boolean;
  /** What stands in a record. @throws ZodError where it is none */
  readonly read: (record: unknown) => readonly (Draft | LeftOut)[];
}

/** Whether a value is an object that has a field. */
export function hasField<Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}

/** What is told of a record besides, without what is empty there. */
export function dropEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
