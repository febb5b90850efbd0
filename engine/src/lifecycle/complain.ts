/** Where failures go that nobody waits for: the daemon's log. */
export type Complain = (text: string, error: unknown) => void;
