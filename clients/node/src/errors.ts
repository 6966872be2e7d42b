// The errors of the extension, a class for each SQLSTATE of docs/errors.md.

/** An error that a function tells by its code; cause is pg's. */
export class ThreadmemError extends Error {
  readonly code: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** What it is about: the view of the concept, threads, messages, … */
  readonly table: string | undefined;
  /** The key of the table, or the argument that is bad. */
  readonly column: string | undefined;
  readonly constraint: string | undefined;

  constructor(cause: DatabaseError) {
    super(cause.message, { cause });
    this.name = new.target.name;
    this.code = cause.code;
    this.detail = cause.detail;
    this.hint = cause.hint;
    this.table = cause.table;
    this.column = cause.column;
    this.constraint = cause.constraint;
  }
}

/** What pg has of an error of the server. */
interface DatabaseError extends Error {
  code: string;
  detail?: string;
  hint?: string;
  table?: string;
  column?: string;
  constraint?: string;
}

/** P0002: there is no such thing, in this tenant and for this user; a late writer of a deleted thread. */
export class NotFound extends ThreadmemError {}

/** 23505: the id exists already; a message id or a chunk came again with other bytes. */
export class AlreadyExists extends ThreadmemError {}

/** 23503: the user or assistant that a thread is to refer to does not exist. */
export class MissingParent extends ThreadmemError {}

/** 22023: bad input; column names the argument. */
export class BadInput extends ThreadmemError {}

/** 22003: a number out of range. */
export class OutOfRange extends ThreadmemError {}

/** 22P02: text that is no JSON, or no value of its type. */
export class BadText extends ThreadmemError {}

/** 22P05: a character that jsonb or the encoding of the database lacks. */
export class UnknownCharacter extends ThreadmemError {}

/** TM001: expected_version, expected_rev or expected_content is not what is there now. Read again. */
export class LostUpdate extends ThreadmemError {}

/** 55000: never in this state: a run that is over, a message that is, or is not, being streamed. */
export class WrongState extends ThreadmemError {}

/** 55006: a run of the thread is queued or in progress, or comes first. Later. */
export class Busy extends ThreadmemError {}

/** 54000: a body over threadmem.max_body, a state that jsonb cannot hold. */
export class TooLarge extends ThreadmemError {}

/** 54001: JSON nested deeper than max_stack_depth allows. */
export class TooDeep extends ThreadmemError {}

/** 42501: the role or the narrowed session may not do this. */
export class Denied extends ThreadmemError {}

/** 0A000: not supported. */
export class NotSupported extends ThreadmemError {}

/** XX001: a row was damaged or removed by hand; column names what. */
export class Damaged extends ThreadmemError {}

/** 23514: a statement of one's own writes what no function writes. */
export class CheckViolation extends ThreadmemError {}

/** 23502: a statement of one's own writes what no function writes. */
export class NotNullViolation extends ThreadmemError {}

/** 40001: repeat the transaction. */
export class SerializationFailure extends ThreadmemError {}

/** 40P01: repeat the transaction. */
export class DeadlockDetected extends ThreadmemError {}

/** 57014: the statement was cancelled, or took longer than statement_timeout. */
export class Cancelled extends ThreadmemError {}

/** 57P01: the server is going down; nobody knows whether the call happened. */
export class GoingDown extends ThreadmemError {}

export const BY_CODE: Record<string, typeof ThreadmemError> = {
  P0002: NotFound,
  '23505': AlreadyExists,
  '23503': MissingParent,
  '22023': BadInput,
  '22003': OutOfRange,
  '22P02': BadText,
  '22P05': UnknownCharacter,
  TM001: LostUpdate,
  '55000': WrongState,
  '55006': Busy,
  '54000': TooLarge,
  '54001': TooDeep,
  '42501': Denied,
  '0A000': NotSupported,
  XX001: Damaged,
  '23514': CheckViolation,
  '23502': NotNullViolation,
  '40001': SerializationFailure,
  '40P01': DeadlockDetected,
  '57014': Cancelled,
  '57P01': GoingDown,
};

/** The class of its code; what has no class stays as it is, a lost connection for one. */
export function translated(error: unknown): unknown {
  const kind = error instanceof Error && !(error instanceof ThreadmemError) && 'code' in error ? BY_CODE[String(error.code)] : undefined;
  return kind ? new kind(error as DatabaseError) : error;
}
