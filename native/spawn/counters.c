#include "counters.h"

#include <string.h>

/* Objects and lists lie no deeper in what Firecracker writes; a line that does is none of its. */
#define DEPTH_MAX 8

/* `block` and `net` are the sums of all drives and NICs. */
static const struct {
    const char *group, *key;
    enum counter counter;
} known[] = {
    {"block", "read_bytes", COUNTER_DISK_READ},
    {"block", "write_bytes", COUNTER_DISK_WRITTEN},
    {"block", "rate_limiter_throttled_events", COUNTER_DISK_THROTTLED},
    {"net", "rx_rate_limiter_throttled", COUNTER_NET_THROTTLED},
    {"net", "tx_rate_limiter_throttled", COUNTER_NET_THROTTLED},
    {"vcpu", "exit_io_in", COUNTER_EXITS},
    {"vcpu", "exit_io_out", COUNTER_EXITS},
    {"vcpu", "exit_mmio_read", COUNTER_EXITS},
    {"vcpu", "exit_mmio_write", COUNTER_EXITS},
};

static uint64_t sum(uint64_t left, uint64_t right) { return left > UINT64_MAX - right ? UINT64_MAX : left + right; }

static void end_value(struct counters *c) {
    bool counted = c->has_digits && !c->no_count && c->depth == 2;
    for (size_t i = 0; counted && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(c->group, known[i].group) == 0 && strcmp(c->key, known[i].key) == 0)
            c->pending[known[i].counter] = sum(c->pending[known[i].counter], c->value);
    c->has_digits = c->no_count = false;
    c->value = 0;
}

static void end_line(struct counters *c) {
    if (c->begun && !c->spoilt && !c->quoted && c->depth == 0) {
        for (int i = 0; i < COUNTERS; i++) c->totals[i] = sum(c->totals[i], c->pending[i]);
        c->lines++;
    }
    memset(c->pending, 0, sizeof c->pending);
    c->depth = 0;
    c->begun = c->quoted = c->escaped = c->spoilt = c->has_digits = c->no_count = false;
    c->length = 0;
    c->value = 0;
}

/* The word before a colon names what follows: at the first depth a group, at the second a counter of it. */
static void keep_name(struct counters *c) {
    char *place = c->depth == 1 ? c->group : c->depth == 2 ? c->key : NULL;
    if (place == NULL) return;
    size_t length = c->length < COUNTERS_WORD ? c->length : 0;
    memcpy(place, c->word, length);
    place[length] = '\0';
}

static void take_quoted(struct counters *c, char byte) {
    if (c->escaped) c->escaped = false;
    else if (byte == '\\') c->escaped = true;
    else if (byte == '"') {
        c->quoted = false;
        return;
    }
    if (c->length < COUNTERS_WORD) c->word[c->length++] = byte;
}

static void take_plain(struct counters *c, char byte) {
    c->spoilt |= !c->begun && byte != '{';
    if (byte == '"') {
        c->quoted = true;
        c->length = 0;
    } else if (byte == ':') {
        keep_name(c);
    } else if (byte == '{' || byte == '[') {
        c->begun = true;
        c->spoilt |= ++c->depth > DEPTH_MAX;
    } else if (byte == '}' || byte == ']') {
        end_value(c);
        c->spoilt |= c->depth == 0;
        c->depth -= c->depth > 0;
    } else if (byte == ',') {
        end_value(c);
    } else if (byte >= '0' && byte <= '9') {
        unsigned digit = (unsigned)(byte - '0');
        c->has_digits = true;
        c->no_count |= c->value > (UINT64_MAX - digit) / 10;
        c->value = c->no_count ? 0 : c->value * 10 + digit;
    } else if (byte != ' ') {
        c->no_count = true; /* a sign, a fraction, a word */
    }
}

void counters_take(struct counters *c, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') end_line(c);
        else if (c->spoilt) continue;
        else if (c->quoted) take_quoted(c, bytes[i]);
        else take_plain(c, bytes[i]);
    }
}

void counters_write(const struct counters *c, struct text *text) {
    static const char *const names[COUNTERS] = {"diskRead", "diskWritten", "diskThrottled", "networkThrottled", "exits"};
    text_add(text, "{\"lines\":%llu", (unsigned long long)c->lines);
    for (int i = 0; i < COUNTERS; i++) text_add(text, ",\"%s\":%llu", names[i], (unsigned long long)c->totals[i]);
    text_add(text, "}\n");
}
