/* The agent's end of the link: what waits to be sent, and readiness without spinning. */
#ifndef IGNITE_LINK_H
#define IGNITE_LINK_H
#include "frames.h"
#include "tlv.h"

struct link {
    int fd;
    /* Readable when the link's own readiness changed; edge triggered, because a port without a host is "ready" for ever. */
    int events;
    bool readable, writable, closed;
    /* Control frames go before the next data frame; one data frame is under way at a time. */
    uint8_t control[128 * 1024];
    size_t control_length, control_sent;
    uint8_t data[IGN_LIMIT_HEADER + IGN_LIMIT_PAYLOAD];
    size_t data_length, data_sent;
};

bool link_begin(struct link *link, int fd);
/* After poll says that `events` is readable. */
void link_wake(struct link *link);
/* Reads what fits; 0 when nothing is there now. */
size_t link_read(struct link *link, uint8_t *bytes, size_t room);
/* Sends what can be sent. */
void link_flush(struct link *link);
/* Whether there is room for the answers of one event. */
bool link_has_room(const struct link *link);
bool link_data_free(const struct link *link);
/* Forgets what waits to be sent. */
void link_drop(struct link *link);
void link_raw(struct link *link, const void *bytes, size_t length);
void link_control(struct link *link, uint8_t type, uint32_t stream, const void *payload, size_t length);
/* A DATA frame whose `length` bytes stand at link_data_space(). */
uint8_t *link_data_space(struct link *link);
void link_data(struct link *link, uint32_t stream, uint8_t channel, size_t length);
#endif
