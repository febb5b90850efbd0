/* libFuzzer: any bytes as a launch file. */
#include <stdlib.h>
#include <string.h>

#include "launch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct launch launch;
    char *bytes = malloc(size + 1); /* of the exact size, so that a read beyond it is seen */
    if (size > 0) memcpy(bytes, data, size);
    if (launch_parse(bytes, size, &launch) == NULL && launch.arg_count == 0) abort();
    free(bytes);
    return 0;
}
