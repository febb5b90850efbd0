// A guest that hangs from its first second on.

/** The kernel waits for a debugger that never comes. */
export const HANGS = ['--kernel-args', 'console=ttyS0 rdinit=/init kgdboc=ttyS0 kgdbwait'] as const;
