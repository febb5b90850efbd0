/* Fuzz target: the guest configuration, and OPEN, which has the same form. */
#include "../config.h"
#include "../request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct config config;
    struct request request;
    config_parse(&config, bytes, length);
    config_free(&config);
    request_parse(&request, bytes, length);
    request_free(&request);
    return 0;
}
