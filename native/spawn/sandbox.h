/* What is made on the host before the VMM runs: cgroups, network namespace, taps, socketpairs, socket, record. */
#ifndef SPAWN_SANDBOX_H
#define SPAWN_SANDBOX_H
#include "supervisor.h"

/* The VMM's ends, in the order of launch->fds. */
struct vmm_fds {
    int fds[LAUNCH_FDS_MAX];
    int output; /* its stdout and stderr */
};

/* Each answers false after fail(). */
bool sandbox_claim_run(struct supervisor *s);
bool sandbox_check_logs(struct supervisor *s);
bool sandbox_join(struct supervisor *s, const struct launch *launch);
bool sandbox_open_channels(struct supervisor *s, const struct launch *launch, struct vmm_fds *out);
bool sandbox_listen(struct supervisor *s);
bool sandbox_write_record(struct supervisor *s);
/* Closes the VMM's ends here. */
void sandbox_close_vmm_fds(const struct launch *launch, struct vmm_fds *out);
/* Removes spawn.sock and spawn.json where this process made them. */
void sandbox_remove(struct supervisor *s);

#endif
