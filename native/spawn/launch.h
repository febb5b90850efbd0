/* The launch file: what to start and how, as NUL-terminated `key=value` records (docs/files.md). */
#ifndef SPAWN_LAUNCH_H
#define SPAWN_LAUNCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp.h"
#include "ignite_protocol.h"
#include "net_filter.h"

#define LAUNCH_FILE_MAX 131072u
#define LAUNCH_FDS_MAX 24
#define LAUNCH_FD_FIRST 3
#define LAUNCH_FD_LAST 63
/* The console under this number is the VMM's stdin and stdout. */
#define LAUNCH_FD_STDIO 0
#define LAUNCH_JAIL_MIB_MAX 1024
#define LAUNCH_FILES_MAX 8
#define LAUNCH_FILE_BYTES_MAX (16u << 20)
#define LAUNCH_DEVICES_MAX 8
#define LAUNCH_CGROUPS_MAX 8
#define LAUNCH_BINDS_MAX 64
#define LAUNCH_ARGS_MAX 512
#define LAUNCH_ENV_MAX 128
#define LAUNCH_NET_ARGS_MAX 256
#define LAUNCH_SHARE_ARGS_MAX 32
/* sockaddr_un.sun_path holds 108 bytes (unix(7)); `/spawn.sock` and the NUL are 12 of them. */
#define LAUNCH_RUN_MAX 96
#define LAUNCH_PATH_MAX 1000
#define LAUNCH_VM_MAX 64

enum channel_kind { CHANNEL_CONSOLE, CHANNEL_LINK, CHANNEL_VMM, CHANNEL_FACTS, CHANNEL_TAP, CHANNEL_NET, CHANNEL_SHARE };

/* A folder of the host for CHANNEL_SHARE; `target` is an empty folder over which it is bound for its program. */
struct launch_share {
    bool writable;
    const char *source;
    const char *target;
};

/* One descriptor of the VMM under a fixed number. */
struct launch_fd {
    int number;
    enum channel_kind kind;
    bool terminal; /* CHANNEL_CONSOLE: a terminal, for a VMM that reads its input from nothing else */
    const char *tap; /* interface name, for CHANNEL_TAP only */
    const char *tap_netns; /* namespace it is in; NULL: the one joined */
    struct launch_share share;
};

/* One bind mount of the jail. */
struct launch_bind {
    bool writable;
    const char *source;
    const char *target;
};

/* A small file made in the jail, for the VMM to read. */
struct launch_text {
    const char *target;
    const char *content;
};

/* Sockets of a VMM that takes no descriptors, as paths inside the jail; NULL: none. */
struct launch_doors {
    const char *facts; /* we listen, the VMM connects for its guest */
    const char *link;
    const char *vmm; /* the VMM listens, we connect for each client */
    const char *log; /* a FIFO that we read */
    const char *metrics; /* another, see counters.h */
};

/* All texts point into the bytes that were parsed. */
struct launch {
    uint32_t slot;
    const char *vm;
    const char *run;
    const char *exit;
    const char *logs;
    const char *netns;
    const char *root;
    const char *jailer;  /* folder below `root` that the program makes its root by itself, with its user; NULL: we do */
    uint32_t root_mib;   /* size of the jail's tmpfs; 0: the usual */
    struct launch_doors doors;
    size_t file_count, device_count;
    struct launch_text files[LAUNCH_FILES_MAX];
    uint32_t file_bytes; /* the first file is filled up with spaces to so many until the guest calls; 0: it is not */
    const char *devices[LAUNCH_DEVICES_MAX]; /* device files of the host that the VMM gets as its own */
    uint64_t log_max;
    uint32_t log_files;
    uint8_t token[IGN_LIMIT_TOKEN];
    bool wait_reader;
    bool has_uid, has_gid;
    uint32_t uid, gid;
    size_t cgroup_count, fd_count, bind_count, arg_count, env_count;
    const char *cgroups[LAUNCH_CGROUPS_MAX];
    size_t born_in; /* the group that the supervisor was made in, see group.h; cgroup_count: none */
    struct launch_fd fds[LAUNCH_FDS_MAX];
    struct launch_bind binds[LAUNCH_BINDS_MAX];
    char *args[LAUNCH_ARGS_MAX + 1];
    char *env[LAUNCH_ENV_MAX + 1];
    /* The program of the user network; none: no such network. */
    size_t net_count;
    char *net[LAUNCH_NET_ARGS_MAX + 1];
    struct net_rules net_rules;
    /* The program that serves shared folders, without the word that names the folder; none: there are none. */
    size_t share_count;
    char *share[LAUNCH_SHARE_ARGS_MAX + 1];
    /* Interfaces whose addresses we offer by DHCP; their taps are in the namespace joined. */
    size_t dhcp_count;
    struct dhcp_offer dhcp[DHCP_OFFERS_MAX];
};

/* Parses `length` bytes, which it changes. Answers NULL, or a sentence that says what is wrong. */
const char *launch_parse(char *bytes, size_t length, struct launch *out);

#endif
