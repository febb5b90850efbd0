/* Who this process is to the host: pid as its /proc shows it, start time, boot id. */
#ifndef SPAWN_IDENTITY_H
#define SPAWN_IDENTITY_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where a container that supervises has the host's /proc. */
#define IDENTITY_HOST_PROC "/host-proc"

/* From now on the pid is the one in IDENTITY_HOST_PROC: a container's own /proc knows only the container's. */
void identity_in_container(void);
/* The pid in the namespace of the mounted /proc: the host's even inside a PID namespace of our own. */
pid_t identity_pid(void);
/* Field 22 of /proc/self/stat: clock ticks since boot (proc(5)); 0 when unreadable. */
uint64_t identity_start_time(void);
/* /proc/sys/kernel/random/boot_id, without its newline; empty when unreadable. */
void identity_boot_id(char *out, size_t size);

#endif
