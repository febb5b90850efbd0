/* The VMM process: forked, stripped of what it must not have, executed. */
#ifndef SPAWN_VMM_H
#define SPAWN_VMM_H
#include "sandbox.h"
#include "supervisor.h"

/* Starts it and waits until its program runs; false after fail(), with nothing left of it. */
bool vmm_start(struct supervisor *s, const struct launch *launch, const struct vmm_fds *fds);
/* Takes the ends of children; when the VMM is among them everything it started is ended too. */
void vmm_reap(struct supervisor *s);
/* SIGKILL and wait, for a start that failed later. */
void vmm_end_now(struct supervisor *s);

/* In a child, before its program: the VMM's user, no new rights; false after fail(). */
bool vmm_drop_rights(struct supervisor *s, const struct launch *launch);
/* In a child: it ends with its parent, as far as a PID namespace does not see to that. */
bool vmm_die_with(struct supervisor *s, pid_t parent);
/* Every signal as a new program expects it. */
void vmm_default_signals(void);

#endif
