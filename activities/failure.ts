import pg from 'pg';
import { exceptionName } from '../duckdb/exception.ts';
import { messageOf, ServiceError } from '../memory/errors.ts';

/** An error as far as it matters what to do about it. */
export interface Failure {
  readonly permanent: boolean;
  /** dbt's name of DuckDB's exception. */
  readonly exception?: string;
  /** PostgreSQL's code, or one of its class where its words alone are known. */
  readonly sqlstate?: string | undefined;
  /** What was being done: the name of a statement, or of an attachment. */
  readonly what?: string | undefined;
  /** The database's own words in one line, without any value that they quote. */
  readonly words: string;
}

/**
 * What DuckDB would say again: the statement, its data or the profile is wrong. All else may pass: IO and HTTP (disk, network), OutOfMemory
 * (memory that others use), Transaction (conflicts), Connection, Interrupt; Fatal and Internal need the database opened again.
 */
const PERMANENT_EXCEPTIONS = [
  ...['Binder', 'Catalog', 'Constraint', 'Conversion', 'Decimal', 'Dependency', 'DivideByZero', 'Expression'],
  ...['InvalidConfiguration', 'InvalidInput', 'InvalidType', 'MismatchType', 'MissingExtension', 'NotImplemented'],
  ...['ObjectSize', 'OutOfRange', 'ParameterNotAllowed', 'ParameterNotResolved', 'Parser', 'Permission', 'Sequence'],
  ...['Settings', 'Syntax', 'UnknownType'],
].map((kind) => `${kind}Exception`);

/**
 * Classes of SQLSTATE that waiting does not mend. Others may pass, above all 08 (connection), 25 (a standby that becomes the
 * primary), 40 (serialization, deadlock), 53 (disk, memory, connections), 55 (locks), 57 (shutdown, timeouts) and 58 (disk).
 */
const PERMANENT_CLASSES: Readonly<Record<string, string>> = {
  '0A': 'the server does not have the feature',
  '21': 'the rows that are there give two where one was asked for',
  '22': 'a value is not of its type',
  '23': 'a value is against a constraint',
  // A person mends a login, and the next cycle looks it up again; repeated wrong ones may lock the account.
  '28': 'the login is refused',
  '3D': 'there is no such database',
  '3F': 'there is no such schema',
  '42': 'a table, column or function is not there, is of another type, or may not be used',
  '44': 'a value is against the check option of a view',
  '54': 'a value or a statement is beyond what the server can take',
  P0: 'a trigger or function of the database rejects it',
};

/** What PostgreSQL means where DuckDB passes on its words without the code. In another language than English they stay unknown. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:password|\w+) authentication failed|^no pg_hba\.conf entry|^role ".*" (?:does not exist|is not permitted)/,
    '28000',
  ],
  [/no password supplied|server does not support SSL/, '28000'],
  [/^database ".*" does not exist/, '3D000'],
  [/^schema ".*" does not exist/, '3F000'],
  [/^permission denied|^must be owner/, '42501'],
  [/^relation ".*" does not exist/, '42P01'],
  [/^column .* does not exist/, '42703'],
  [/^(?:function|operator) .* does not exist/s, '42883'],
  [/^type ".*" does not exist/, '42704'],
  [/^syntax error/, '42601'],
  [/^invalid input syntax|^invalid byte sequence|out of range|^division by zero/, '22000'],
  [/violates .*constraint/, '23000'],
  [/^more than one row returned/, '21000'],
  [/not supported|not implemented/, '0A000'],
];

/** DuckDB handing on what PostgreSQL or libpq said, whatever exception it makes of it: a lost connection is an Invalid Error too. */
const HANDED_ON =
  /^[^'"]*(?:Failed to (?:prepare|execute|fetch|describe)|Unable to (?:connect to|read binary COPY data from) Postgres)/;

/** Of these what stands in quotes are names of tables, columns and roles; of the others it may be a value, so a memory. */
const NAMING_EXCEPTIONS = ['Binder', 'Catalog', 'IO', 'Parser', 'Permission'].map((kind) => `${kind}Exception`);
const NAMING_CLASSES = ['08', '0A', '21', '23', '25', '28', '3D', '3F', '40', '42', '53', '55', '57'];

/**
 * Classes that one row may be rejected for: a data exception, a broken constraint, the check option of a view, a limit such as that
 * of an index entry, and what a trigger rejects.
 */
const ROW_CLASSES = ['22', '23', '44', '54', 'P0'];

/** What PostgreSQL says of a row that it rejects for what is in it, without any value; null for any other error. */
export function whyRowRejected(error: unknown): string | null {
  const { sqlstate, words } = classify(error);
  return ROW_CLASSES.includes(sqlstate?.slice(0, 2) ?? '') ? `rejects the row: ${words}` : null;
}

/** An error of PostgreSQL by its code, one of DuckDB by its exception or by the words of PostgreSQL that it hands on. */
export function classify(error: unknown): Failure {
  const exception = exceptionName(error);
  if (error instanceof pg.DatabaseError) return ofPostgres(error.code, error.message, { free: isRaised(error) });
  if (exception !== undefined) return ofDuckDB(exception, messageOf(error));
  const text = messageOf(error);
  return { permanent: false, words: oneLine(error instanceof ServiceError ? text : hideRest(text)) };
}

/** Whether the words are those of a function in the database, which may give them any code. */
function isRaised({ routine }: pg.DatabaseError): boolean {
  return routine === 'exec_stmt_raise';
}

function ofPostgres(sqlstate: string | undefined, message: string, { hide = hideValue, free = false } = {}): Failure {
  const group = sqlstate?.slice(0, 2) ?? '';
  const reason = PERMANENT_CLASSES[group];
  const words = oneLine(NAMING_CLASSES.includes(group) ? message : hide(message));
  // What a trigger says is free text, and may be of the row that it rejects.
  return { sqlstate, permanent: reason !== undefined, words: (free || group === 'P0') && reason ? reason : words };
}

function ofDuckDB(exception: string, text: string): Failure {
  const [, what, kind = '', said = text] = /^(?:(.*?): )?([A-Za-z ]+? Error): (.*)$/s.exec(text) ?? [];
  if (!HANDED_ON.test(said)) {
    const permanent = PERMANENT_EXCEPTIONS.includes(exception);
    // Further paragraphs repeat the statement, or say what could be set.
    const words = NAMING_EXCEPTIONS.includes(exception) ? (said.split('\n\n')[0] ?? '') : hideAndKeepType(said);
    return { exception, what, permanent, words: oneLine(`${kind}: ${words}`) };
  }
  const lines = said.split('\n');
  const line = lines.find((each) => /(?:ERROR|FATAL):/.test(each)) ?? lines[0] ?? '';
  const words = line.replace(/^.*?(?:(?:ERROR|FATAL): +|": (?!.*(?:ERROR|FATAL): ))/, '');
  const sqlstate = WORDS.find(([pattern]) => pattern.test(words))?.[1];
  // Before there is a connection, no value can be spoken of.
  const connecting = said.startsWith('Unable to connect') ? { words: oneLine(line.replace(/^Unable .*?": /, '')) } : {};
  return { exception, what, ...ofPostgres(sqlstate, words, { hide: hideRest }), ...connecting };
}

/** Everything from the first quotation mark to the last, in a whole message: a value may hold quotation marks itself. */
function hideValue(message: string): string {
  return message.replace(/['"].*['"]/s, '…');
}

/** Where it is not known what is quoted and how, or the message is not whole: everything from the first quotation mark on. */
function hideRest(words: string): string {
  return words.replace(/['"].*$/s, '…');
}

/** The same, but what DuckDB says of the type, the column or the constraint after a value is kept. */
function hideAndKeepType(said: string): string {
  const statement = /\n\nLINE \d+: (?!.*\n\nLINE \d+: ).*$/s;
  const kept =
    /(?: to [A-Z]\w*(?:\[\])*| to the destination type [A-Z]\w*(?:\[\])*| violates [a-z ]+ constraint\.?)?(?: when casting from source column [^'"\s]+)?$/;
  const hidden = hideRest(said);
  return hidden === said
    ? (said.split('\n\n')[0] ?? '')
    : `${hidden}${kept.exec(said.replace(statement, ''))?.[0] ?? ''}`;
}

/** At most 400 characters, because Temporal keeps it. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 400);
}
