/* libFuzzer: any bytes in the FIFO of a VMM's metrics, in pieces whose sizes are in the input, too. */
#include <stdlib.h>
#include <string.h>

#include "counters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct counters counters = {0};
    struct text text;
    char line[512];
    for (size_t at = 0; at < size;) {
        size_t piece = 1 + data[at] % 64;
        if (piece > size - at) piece = size - at;
        uint64_t before = counters.totals[COUNTER_DISK_READ];
        counters_take(&counters, (const char *)data + at, piece);
        if (counters.totals[COUNTER_DISK_READ] < before) abort();
        at += piece;
    }
    text_begin(&text, line, sizeof line);
    counters_write(&counters, &text);
    if (text.full) abort();
    return 0;
}
