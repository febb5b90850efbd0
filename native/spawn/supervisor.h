/* The whole state of one ignite-spawn: fixed memory, one loop, one VMM. */
#ifndef SPAWN_SUPERVISOR_H
#define SPAWN_SUPERVISOR_H
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "counters.h"
#include "cri.h"
#include "facts.h"
#include "launch.h"
#include "log.h"
#include "ring.h"

#define CLIENTS_MAX 16
#define NOTES_MAX 16
#define SCRATCH 65536
#define TO_CLIENT 32768
#define TO_VMM 16384
#define FAILURE_MAX 512
/* How long a foreground `run` may take to open `app` after its VM has ended. */
#define LINGER_READER_MS 10000
/* How long the starter of a VM that ends at once may take to ask for the status: a busy host may pause for a while. */
#define LINGER_STARTER_MS 10000
/* How long the other channels are flushed after the end. */
#define LINGER_MS 1000

/* Reads from a pipe or socket of a VMM that has ended: more than either holds, however small the pieces. */
#define DRAIN_READS 4096

enum client_kind { CLIENT_NAMING, CLIENT_PIPE, CLIENT_APP, CLIENT_STATUS, CLIENT_KILL };

struct pipe_channel;

struct client {
    int fd; /* -1: free */
    enum client_kind kind;
    struct pipe_channel *pipe;
    uint64_t order;   /* the lowest came first */
    bool read_closed; /* it sends nothing any more */
    bool hung;        /* it is gone, but what it sent is not yet passed on */
    bool behind;      /* status: has not seen the newest line */
    uint8_t name_length;
    char name[12];
};

struct span {
    size_t start, end;
};

/* console, link, vmm: a byte pipe between the VMM and the newest client. */
struct pipe_channel {
    int vmm;    /* our end; -1: the VMM has closed it, or there is none */
    bool lossy; /* a slow client loses bytes instead of holding up the guest */
    bool deaf;  /* the VMM reads no more */
    bool per_client; /* each client gets a connection to the VMM of its own (doors.h) */
    struct log *log;
    struct client *client;
    struct span out, in;
    char to_client[TO_CLIENT];
    char to_vmm[TO_VMM];
};

enum phase { PHASE_STARTING, PHASE_READY, PHASE_ENDED };
enum guest_state { GUEST_SILENT, GUEST_KNOWN, GUEST_CLOSED };

struct guest {
    int fd; /* our end of `facts`; -1 when closed */
    enum guest_state state;
    uint32_t window; /* log data the guest may still send */
    uint32_t due;    /* log data that was consumed and not yet credited */
    size_t credit_left;
    uint8_t credit[FACTS_CREDIT_SIZE];
    size_t length;
    uint8_t bytes[FACTS_FRAME_MAX];
};

struct app {
    struct client *client;
    bool holding;     /* no credit before the first reader */
    bool done_seen;   /* DONE arrived */
    bool done_queued; /* the present reader gets it, or has it */
    uint32_t done_length;
    uint8_t done[64];
    struct ring ring;
};

/* Sockets in the jail; see doors.h. -1: none. */
struct doors {
    int facts, link, log, metrics;
    int candidate; /* connected for `link`, has not shown its token yet */
    bool linked; /* the guest of this boot has come for `link` */
    size_t shown_length;
    uint8_t shown[IGN_LIMIT_TOKEN];
    uint64_t due_ms;
    char vmm[128]; /* path of the VMM's API below the jail's tmpfs; "": it has a descriptor */
};

struct supervisor {
    /* Copied from the launch file, which is unmapped once the VMM runs. */
    uint32_t slot;
    char vm[LAUNCH_VM_MAX + 1];
    char run[LAUNCH_RUN_MAX + 1];
    char exit[LAUNCH_PATH_MAX + 1];
    char logs[LAUNCH_PATH_MAX + 1];
    uint8_t token[IGN_LIMIT_TOKEN];

    char boot_id[40];
    uint64_t started_at, called_at, ended_at; /* ns since 1970; called: the guest has shown its token, 0 until then */
    uint64_t started_steady_ms, ran_ms; /* by a clock that nobody sets */
    pid_t host_pid, vmm_host_pid;
    pid_t vmm_pid; /* as this process sees it; 0 after it was reaped */
    int vmm_status;
    bool own_pids; /* PID 1 of a PID namespace */
    bool reaped, killed, kill_asked;
    bool begun_again; /* the guest was reset inside its VMM, for which we have killed the VMM */
    uint64_t drain_until_ms, linger_until_ms;

    pid_t net_relay; /* the filter of a user network; 0: none, or it has ended */
    int jail_fd; /* root of the jail; -1: none, or it is not needed any more */
    off_t filled_from; /* length of the jail's file that was filled up with spaces until the guest calls; 0: none */
    int filled_fd;
    struct doors doors;
    int run_fd, listen_fd, signal_fd, output_fd, exit_fd;
    bool made_socket, made_record;
    uint64_t listen_again_ms;

    enum phase phase;
    bool changed; /* the status line is to be sent */
    uint64_t status_due_ms; /* when the changed line is sent */
    uint64_t status_paid_ms; /* lines sent so far are paid for up to this time; see status_plan */
    bool status_asked; /* somebody has asked for it at least once */
    bool saw_ready, saw_intent, saw_done;
    uint8_t intent;
    struct facts_ready ready;
    struct facts_done done;
    size_t note_count;
    struct facts_note notes[NOTES_MAX];

    uint64_t next_order;
    struct client clients[CLIENTS_MAX];
    struct pipe_channel pipes[3]; /* by enum channel_kind: console, link, vmm */
    struct guest guest;
    struct app app;
    struct cri cri;
    struct counters counters;
    struct log console_log, app_log, vmm_log;
    char failure[FAILURE_MAX];
    char scratch[SCRATCH];
};

/* Keeps `stage: message` as the reason of a failed start; answers false. */
bool fail(struct supervisor *s, const char *stage, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds a note of our own to the status. */
void note(struct supervisor *s, const char *stage, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
