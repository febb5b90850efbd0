/* The preamble that begins a session; looked for in every byte that comes, so that a host that begins anew in the
 * middle of an old one's frame is understood. The host never sends the magic inside data. */
#ifndef IGNITE_PREAMBLE_H
#define IGNITE_PREAMBLE_H
#include <ignite_protocol.h>
#include <stddef.h>
#include <stdint.h>

struct preamble_matcher {
    uint8_t held[IGN_LIMIT_PREAMBLE];
    size_t count;
};

/* Looks at the next bytes. Returns how many of them end with a valid preamble, whose 32 bytes are then in `held`,
 * or 0 when there is none. */
size_t preamble_scan(struct preamble_matcher *matcher, const uint8_t *bytes, size_t length);
/* The answer to a session id. */
void preamble_write(uint8_t *preamble, const uint8_t *session);
#endif
