/* Unit tests of the runner: its frames, and a runner in a process of its own that is asked over a socket. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner.h"
#include "runner_frames.h"
#include "test.h"

#define PATIENCE_MS 60000

/* One frame at `out`; its size. */
static size_t put(uint8_t *out, uint32_t id, uint8_t type, const void *payload, uint32_t length) {
    memset(out, 0, RUNNER_HEADER);
    memcpy(out, &length, 4);
    memcpy(out + 4, &id, 4);
    out[8] = type;
    if (length > 0) memcpy(out + RUNNER_HEADER, payload, length);
    return RUNNER_HEADER + length;
}

/* A RUN of `words` (each ended by NUL) of which the first `args` are arguments and the next `env` variables. */
static size_t put_run(uint8_t *out, uint32_t id, uint16_t args, uint16_t env, const char *words, size_t length) {
    uint8_t payload[512];
    memcpy(payload, &args, 2);
    memcpy(payload + 2, &env, 2);
    memcpy(payload + 4, words, length);
    return put(out, id, RUNNER_RUN, payload, (uint32_t)length + 4);
}

static bool asks(uint16_t args, uint16_t env, const char *words, size_t length, struct runner_request *request) {
    static uint8_t bytes[600];
    struct runner_frame frame;
    size_t size = put_run(bytes, 1, args, env, words, length);
    return runner_next(bytes, size, &frame) == RUNNER_FRAME && runner_request(&frame, request);
}

static void test_frames(void) {
    uint8_t bytes[64];
    struct runner_frame frame;
    size_t size = put(bytes, 7, RUNNER_KILL, "\x0f", 1);
    for (size_t i = 0; i < size; i++) CHECK(runner_next(bytes, i, &frame) == RUNNER_MORE);
    CHECK(runner_next(bytes, size, &frame) == RUNNER_FRAME && frame.id == 7 && frame.size == size);
    CHECK(frame.type == RUNNER_KILL && frame.length == 1 && frame.payload[0] == 15);
    bytes[9] = 1;
    CHECK(runner_next(bytes, size, &frame) == RUNNER_WRONG);
    put(bytes, 7, RUNNER_READY, "", 0); /* its own */
    CHECK(runner_next(bytes, RUNNER_HEADER, &frame) == RUNNER_WRONG);
    put(bytes, 7, RUNNER_INPUT, "", 0);
    memcpy(bytes, &(uint32_t){RUNNER_PAYLOAD_MAX + 1}, 4);
    CHECK(runner_next(bytes, RUNNER_HEADER, &frame) == RUNNER_WRONG);
}

static void test_requests(void) {
    struct runner_request request;
    CHECK(asks(2, 1, "ip\0link\0A=b\0\0", 14, &request) && strcmp(request.args[1], "link") == 0);
    CHECK(request.args[2] == NULL && strcmp(request.env[0], "A=b") == 0 && request.env[1] == NULL);
    CHECK(request.folder[0] == '\0' && request.netns[0] == '\0');
    CHECK(asks(1, 0, "ip\0/tmp\0/n", 11, &request) && strcmp(request.folder, "/tmp") == 0);
    CHECK(strcmp(request.netns, "/n") == 0);
    CHECK(!asks(0, 0, "\0", 2, &request));
    CHECK(!asks(1, 0, "\0\0", 3, &request));        /* no name */
    CHECK(!asks(1, 0, "ip\0", 4, &request));        /* no namespace */
    CHECK(!asks(1, 0, "ip\0\0/", 5, &request));     /* one without an end */
    CHECK(!asks(1, 0, "ip\0\0\0x", 7, &request));   /* more than it says */
    CHECK(!asks(9, 0, "ip\0link\0\0", 10, &request)); /* less */
    CHECK(!asks(RUNNER_ARGS_MAX + 1, 0, "ip\0\0", 5, &request));
    CHECK(!asks(1, RUNNER_ENV_MAX + 1, "ip\0\0", 5, &request));
}

static void test_search(void) {
    char path[32];
    CHECK(runner_find("sh", "/nonexistent::/bin", path, sizeof path) == 0 && strcmp(path, "/bin/sh") == 0);
    CHECK(runner_find("no-such-program", "/bin:/usr/bin", path, sizeof path) == ENOENT);
    CHECK(runner_find("version", "/proc", path, sizeof path) == EACCES);
    CHECK(runner_find("/any/where", "", path, sizeof path) == 0 && strcmp(path, "/any/where") == 0);
    CHECK(runner_find("a-name-that-has-more-than-32-bytes", "/bin", path, sizeof path) == ENAMETOOLONG);
    CHECK(strcmp(runner_search_path((char *[]){"A=b", "PATH=/x", NULL}), "/x") == 0);
    CHECK(runner_search_path((char *[]){NULL})[0] == '/');
}

struct answer {
    uint8_t type;
    uint32_t id;
    uint32_t length;
    uint8_t payload[RUNNER_PAYLOAD_MAX];
};

static bool read_all(int fd, void *out, size_t length) {
    for (size_t at = 0; at < length;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, PATIENCE_MS) != 1) return false;
        ssize_t count = read(fd, (uint8_t *)out + at, length - at);
        if (count <= 0) return false;
        at += (size_t)count;
    }
    return true;
}

/* The next frame that is none of output; output is added up in `said`. */
static bool next_answer(int fd, struct answer *answer, char *said) {
    uint8_t header[RUNNER_HEADER];
    for (;;) {
        if (!read_all(fd, header, sizeof header)) return false;
        memcpy(&answer->length, header, 4);
        memcpy(&answer->id, header + 4, 4);
        answer->type = header[8];
        if (answer->length > sizeof answer->payload || !read_all(fd, answer->payload, answer->length)) return false;
        if (answer->type != RUNNER_STDOUT && answer->type != RUNNER_STDERR) return true;
        strncat(said, (const char *)answer->payload, answer->length);
    }
}

static bool ended(const struct answer *answer, uint32_t id, enum runner_end how, uint32_t value) {
    return answer->type == RUNNER_END && answer->id == id && answer->length == 5 && answer->payload[0] == how &&
           memcmp(answer->payload + 1, &value, 4) == 0;
}

static bool ask(int fd, const uint8_t *bytes, size_t size) { return write(fd, bytes, size) == (ssize_t)size; }

static void test_programs(int fd) {
    static struct answer answer;
    static uint8_t bytes[1024];
    char said[128] = "";
    size_t size = put(bytes, 1, RUNNER_INPUT, "wo", 2);
    size += put(bytes + size, 1, RUNNER_INPUT, "rd", 2);
    size += put_run(bytes + size, 1, 1, 1, "cat\0PATH=/bin\0\0", 16);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 1, RUNNER_EXITED, 0));
    CHECK(strcmp(said, "word") == 0);
    said[0] = '\0';
    size = put_run(bytes, 2, 3, 0, "sh\0-c\0cat; pwd; echo $A >&2; exit 3\0/tmp\0", 42);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 2, RUNNER_EXITED, 3));
    CHECK(strcmp(said, "/tmp\n\n") == 0);
    size = put_run(bytes, 3, 1, 0, "no-such-program\0\0", 18);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 3, RUNNER_NOT_STARTED, ENOENT));
    size = put_run(bytes, 4, 1, 0, "cat\0/no/such/folder\0", 21);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 4, RUNNER_NOT_STARTED, ENOENT));
    said[0] = '\0';
    size = put_run(bytes, 5, 1, 0, "cat\0\0/no/such/namespace", 24);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 5, RUNNER_EXITED, 1));
    CHECK(strncmp(said, "nsenter: cannot enter /no/such/namespace: ", 42) == 0);
}

/* One that waits does not hinder another, and can be ended; what is unknown is not signalled. */
static void test_several(int fd) {
    static struct answer answer;
    uint8_t bytes[512];
    char said[128] = "";
    size_t size = put_run(bytes, 5, 2, 0, "sleep\0" "600\0\0", 12);
    size += put_run(bytes + size, 6, 3, 0, "sh\0-c\0:\0\0", 10);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 6, RUNNER_EXITED, 0));
    size = put(bytes, 6, RUNNER_KILL, "\x09", 1);
    size += put(bytes + size, 5, RUNNER_KILL, "\x0f", 1);
    CHECK(ask(fd, bytes, size) && next_answer(fd, &answer, said) && ended(&answer, 5, RUNNER_SIGNALLED, SIGTERM));
}

/* The end of the socket is the runner's; so is what it does not understand. */
static void test_runner_ends(bool nonsense) {
    static struct answer answer;
    int pair[2], status = -1;
    char said[128] = "";
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        _exit(runner_serve(pair[1]));
    }
    close(pair[1]);
    CHECK(next_answer(pair[0], &answer, said) && answer.type == RUNNER_READY && answer.payload[0] == RUNNER_VERSION);
    if (nonsense) CHECK(ask(pair[0], (const uint8_t *)"nonsense, more", 14) && !next_answer(pair[0], &answer, said));
    else {
        test_programs(pair[0]);
        test_several(pair[0]);
    }
    close(pair[0]);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void test_runner(void) {
    test_frames();
    test_requests();
    test_search();
    test_runner_ends(false);
    test_runner_ends(true);
}
