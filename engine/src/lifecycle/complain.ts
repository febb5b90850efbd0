/** Reports a failure for which no caller waits, in the daemon's log. */
export type Complain = (text: string, error: unknown) => void;
