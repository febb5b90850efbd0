/* What a stream was opened for, read from OPEN. */
#ifndef IGNITE_REQUEST_H
#define IGNITE_REQUEST_H
#include "config.h"

struct request {
    uint8_t kind;
    struct texts argv, env;
    char *cwd, *user, *path, *term;
    bool tty, detached, follow, keep_owner;
    uint16_t rows, columns;
};

/* False: the bytes are no request. Free it in both cases. */
bool request_parse(struct request *request, const uint8_t *bytes, size_t length);
void request_free(struct request *request);
#endif
