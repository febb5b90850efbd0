/* The preamble: magic 8, session id 16, major u8, minor u8, flags u16, CRC32C u32 of what came before. */
#include "preamble.h"
#include "bytes.h"
#include "crc32c.h"
#include <stdbool.h>
#include <string.h>

#define CHECKED (IGN_LIMIT_PREAMBLE - 4)

static const uint8_t magic[] = {0xff, 0x49, 0x47, 0x4e, 0x4c, 0x4e, 0x4b, 0x31}; /* IGN_NAME_MAGIC_HEX */

static bool take(struct preamble_matcher *matcher, uint8_t byte) {
    if (matcher->count < sizeof magic && byte != magic[matcher->count]) {
        /* The first byte of the magic is nowhere else in it. */
        matcher->count = byte == magic[0] ? 1 : 0;
        matcher->held[0] = byte;
        return false;
    }
    matcher->held[matcher->count++] = byte;
    return matcher->count == sizeof matcher->held;
}

static bool valid(const uint8_t *held) {
    return get_u32(held + CHECKED) == crc32c(held, CHECKED) && held[24] == IGN_VERSION_LINK_MAJOR;
}

/* What looked like a preamble was none, but the true one may have begun inside it. */
static void look_again(struct preamble_matcher *matcher) {
    uint8_t old[sizeof matcher->held];
    memcpy(old, matcher->held, sizeof old);
    matcher->count = 0;
    for (size_t i = 1; i < sizeof old; i++)
        take(matcher, old[i]);
}

size_t preamble_scan(struct preamble_matcher *matcher, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (matcher->count == 0) {
            const uint8_t *next = memchr(bytes + i, magic[0], length - i);
            if (next == NULL)
                return 0;
            i = (size_t)(next - bytes);
        }
        if (!take(matcher, bytes[i]))
            continue;
        if (valid(matcher->held)) {
            matcher->count = 0;
            return i + 1;
        }
        look_again(matcher);
    }
    return 0;
}

void preamble_write(uint8_t *preamble, const uint8_t *session) {
    memset(preamble, 0, IGN_LIMIT_PREAMBLE);
    memcpy(preamble, magic, sizeof magic);
    memcpy(preamble + sizeof magic, session, IGN_LIMIT_SESSION_ID);
    preamble[24] = IGN_VERSION_LINK_MAJOR;
    preamble[25] = IGN_VERSION_LINK_MINOR;
    put_u32(preamble + CHECKED, crc32c(preamble, CHECKED));
}
