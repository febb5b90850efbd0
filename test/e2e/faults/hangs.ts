// A guest that hangs from its first second on.

/** The kernel panics, as there is no init, and with panic=0 it halts for ever. */
export const HANGS = ['--kernel-args', 'console=ttyS0 rdinit=/none panic=0'] as const;
