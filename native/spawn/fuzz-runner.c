/* libFuzzer: any bytes as the daemon's requests to its runner. */
#include <stdlib.h>
#include <string.h>

#include "runner_frames.h"

static void decode(const struct runner_frame *frame) {
    static struct runner_request request;
    char path[64];
    uint32_t number;
    runner_number(frame, &number);
    if (!runner_request(frame, &request)) return;
    for (char **arg = request.args; *arg != NULL; arg++)
        if ((const uint8_t *)*arg + strlen(*arg) >= frame->payload + frame->length) abort();
    if (strchr(request.args[0], '/') == NULL) runner_find(request.args[0], "::/none:", path, sizeof path);
    if (runner_search_path(request.env) == NULL) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *bytes = malloc(size + 1); /* of nearly the exact size, so that a read beyond it is seen */
    struct runner_frame frame;
    if (size > 0) memcpy(bytes, data, size);
    for (size_t at = 0; runner_next(bytes + at, size - at, &frame) == RUNNER_FRAME; at += frame.size) decode(&frame);
    free(bytes);
    return 0;
}
