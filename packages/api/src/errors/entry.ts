// The shape of one row of the error catalogue.

/** Who has to act: the person typing, the owner of the host, or us. */
export type Blame = 'user' | 'host' | 'bug';

/** What is the same for every occurrence of one error code. */
export interface ErrorEntry {
  /** HTTP status the daemon answers with. */
  readonly status: number;
  /** Exit status of the CLI (CLI rule 18). */
  readonly exit: number;
  readonly blame: Blame;
  /** What to do about it, one sentence, shown after the message. */
  readonly hint: string;
}

/** A room's part of the catalogue: code → entry. Codes read `room/what-happened`. */
export type ErrorTable = Readonly<Record<`${string}/${string}`, ErrorEntry>>;
