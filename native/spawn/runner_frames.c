#include "runner_frames.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum runner_next runner_next(const uint8_t *bytes, size_t length, struct runner_frame *frame) {
    uint32_t payload;
    if (length < RUNNER_HEADER) return RUNNER_MORE;
    memcpy(&payload, bytes, sizeof payload);
    if (payload > RUNNER_PAYLOAD_MAX) return RUNNER_WRONG;
    if (bytes[8] < RUNNER_INPUT || bytes[8] > RUNNER_PEER) return RUNNER_WRONG;
    if (bytes[9] != 0 || bytes[10] != 0 || bytes[11] != 0) return RUNNER_WRONG;
    if (length - RUNNER_HEADER < payload) return RUNNER_MORE;
    memcpy(&frame->id, bytes + 4, sizeof frame->id);
    frame->type = bytes[8];
    frame->payload = bytes + RUNNER_HEADER;
    frame->length = payload;
    frame->size = RUNNER_HEADER + (size_t)payload;
    return RUNNER_FRAME;
}

/* Takes one string that ends in NUL; NULL where there is none. */
static char *next_string(const uint8_t **at, size_t *left) {
    const uint8_t *end = *left == 0 ? NULL : memchr(*at, 0, *left);
    char *string = (char *)(uintptr_t)*at;
    if (end == NULL) return NULL;
    *left -= (size_t)(end - *at) + 1;
    *at = end + 1;
    return string;
}

static bool strings(const uint8_t **at, size_t *left, size_t count, char **out) {
    for (size_t i = 0; i < count; i++)
        if ((out[i] = next_string(at, left)) == NULL) return false;
    out[count] = NULL;
    return true;
}

bool runner_request(const struct runner_frame *frame, struct runner_request *out) {
    uint16_t counts[2];
    const uint8_t *at = frame->payload + sizeof counts;
    if (frame->length < sizeof counts) return false;
    size_t left = frame->length - sizeof counts;
    memcpy(counts, frame->payload, sizeof counts);
    if (counts[0] == 0 || counts[0] > RUNNER_ARGS_MAX || counts[1] > RUNNER_ENV_MAX) return false;
    if (!strings(&at, &left, counts[0], out->args) || !strings(&at, &left, counts[1], out->env)) return false;
    out->folder = next_string(&at, &left);
    out->netns = next_string(&at, &left);
    return out->folder != NULL && out->netns != NULL && left == 0 && out->args[0][0] != '\0';
}

bool runner_number(const struct runner_frame *frame, uint32_t *out) {
    if (frame->length != sizeof *out) return false;
    memcpy(out, frame->payload, sizeof *out);
    return true;
}

const char *runner_search_path(char *const *env) {
    for (; *env != NULL; env++)
        if (strncmp(*env, "PATH=", 5) == 0) return *env + 5;
    return "/usr/local/bin:/usr/bin:/bin";
}

int runner_find(const char *name, const char *path, char *out, size_t size) {
    int worst = ENOENT;
    if (strchr(name, '/') != NULL) return (size_t)snprintf(out, size, "%s", name) < size ? 0 : ENAMETOOLONG;
    while (*path != '\0') {
        size_t length = strcspn(path, ":");
        struct stat facts;
        int wanted = snprintf(out, size, "%.*s%s%s", (int)length, path, length == 0 ? "" : "/", name);
        if ((size_t)wanted >= size) return ENAMETOOLONG;
        if (stat(out, &facts) == 0 && S_ISREG(facts.st_mode)) {
            if (faccessat(AT_FDCWD, out, X_OK, AT_EACCESS) == 0) return 0;
            worst = EACCES;
        }
        path += length + (path[length] == ':');
    }
    return worst;
}
