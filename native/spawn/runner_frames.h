/* Frames between the daemon and its runner: a header of 12 bytes (length of the payload u32, id u32, type u8, three zero),
 * then the payload; numbers in this machine's order, as both ends are on one. Ids are the daemon's. */
#ifndef SPAWN_RUNNER_FRAMES_H
#define SPAWN_RUNNER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ignite_protocol.h"

#define RUNNER_VERSION IGN_VERSION_RUNNER
#define RUNNER_HEADER 12
#define RUNNER_PAYLOAD_MAX 65536
/* Requests that may be open at once; the daemon keeps to it. */
#define RUNNER_TASKS_MAX 64
#define RUNNER_ARGS_MAX 512
#define RUNNER_ENV_MAX 64

enum runner_type {
    /* To the runner. INPUT: bytes of the stdin of a program that is yet to be run. RUN: number of arguments u16, of
     * variables u16, then all of them, the working folder and the path of a network namespace ("" are the runner's own),
     * each ended by NUL. KILL: signal u8. PEER: a descriptor of the daemon's u32, a connected unix socket. */
    RUNNER_INPUT = 1,
    RUNNER_RUN = 2,
    RUNNER_KILL = 3,
    RUNNER_PEER = 4,
    /* From it. READY: version u32. STDOUT, STDERR: bytes. END, the last of its id: how u8, then u32: the exit code, the
     * signal, or the errno of what could not be started. PEER_IS: pid, uid and gid u32. */
    RUNNER_READY = 0x80,
    RUNNER_STDOUT = 0x81,
    RUNNER_STDERR = 0x82,
    RUNNER_END = 0x83,
    RUNNER_PEER_IS = 0x84,
};

enum runner_end { RUNNER_EXITED = 0, RUNNER_SIGNALLED = 1, RUNNER_NOT_STARTED = 2 };

struct runner_frame {
    const uint8_t *payload;
    size_t length; /* of the payload */
    size_t size;   /* of the whole frame */
    uint32_t id;
    uint8_t type;
};

enum runner_next { RUNNER_FRAME, RUNNER_MORE, RUNNER_WRONG };

/* The frame at the beginning of `bytes`; RUNNER_WRONG: it is none, and nothing after it can be believed. */
enum runner_next runner_next(const uint8_t *bytes, size_t length, struct runner_frame *frame);

/* What to run; all of it lies in the frame. Both lists end in NULL. */
struct runner_request {
    char *args[RUNNER_ARGS_MAX + 1];
    char *env[RUNNER_ENV_MAX + 1];
    const char *folder;
    const char *netns;
};

/* False where the payload is not exactly what it says, or names no program. */
bool runner_request(const struct runner_frame *frame, struct runner_request *out);

/* Four bytes of a payload; false where it has another length. */
bool runner_number(const struct runner_frame *frame, uint32_t *out);

/* The value of PATH in a list of variables, or a usual one. */
const char *runner_search_path(char *const *env);

/* The path of `name` as execvp(3) would find it in `path`: 0, or the errno that it would end with. */
int runner_find(const char *name, const char *path, char *out, size_t size);

#endif
