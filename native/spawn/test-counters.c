/* Unit tests of adding up a VMM's metrics: deltas, lines in pieces, and lines that are none. */
#include <string.h>

#include "counters.h"
#include "test.h"

static const char line[] =
    "{\"utc_timestamp_ms\":1763668800000,\"api_server\":{\"process_startup_time_us\":9},"
    "\"block\":{\"read_agg\":{\"min_us\":1,\"sum_us\":77},\"read_bytes\":4096,\"write_bytes\":512,\"rate_limiter_throttled_events\":2},"
    "\"block_drive0\":{\"read_bytes\":4096,\"write_bytes\":512},\"later\":{\"list\":[1,2,3],\"read_bytes\":5},"
    "\"net\":{\"rx_rate_limiter_throttled\":3,\"tx_rate_limiter_throttled\":4},"
    "\"vcpu\":{\"exit_io_in\":10,\"exit_io_out\":20,\"exit_mmio_read\":30,\"exit_mmio_write\":40,\"failures\":0}}\n";

static struct counters after(const char *text) {
    struct counters counters = {0};
    counters_take(&counters, text, strlen(text));
    return counters;
}

static void test_deltas_add_up(void) {
    struct counters whole = after(line), pieces = {0};
    CHECK(whole.lines == 1 && whole.totals[COUNTER_DISK_READ] == 4096 && whole.totals[COUNTER_DISK_WRITTEN] == 512);
    CHECK(whole.totals[COUNTER_DISK_THROTTLED] == 2 && whole.totals[COUNTER_NET_THROTTLED] == 7);
    CHECK(whole.totals[COUNTER_EXITS] == 100);
    for (int time = 0; time < 2; time++)
        for (size_t i = 0; i < sizeof line - 1; i++) counters_take(&pieces, line + i, 1);
    CHECK(pieces.lines == 2 && pieces.totals[COUNTER_DISK_READ] == 8192 && pieces.totals[COUNTER_EXITS] == 200);
}

static void test_only_whole_lines_count(void) {
    struct counters cut = after("{\"block\":{\"read_bytes\":1000,\"wri\n");
    CHECK(cut.lines == 0 && cut.totals[COUNTER_DISK_READ] == 0);
    counters_take(&cut, line, sizeof line - 1);
    CHECK(cut.lines == 1 && cut.totals[COUNTER_DISK_READ] == 4096);
    CHECK(after("\n").lines == 0 && after("[1]\n").lines == 0 && after("no line\n").lines == 0);
    CHECK(after("}}}}\n").lines == 0 && after("{\"a\n").lines == 0 && after("{{{{{{{{{}}}}}}}}}\n").lines == 0);
}

static void test_what_is_no_count(void) {
    static const char *const none[] = {"-1", "1.5", "1e3", "\"7\"", "null", "[7,8]", "{\"x\":7}", "99999999999999999999999"};
    char text[128];
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        snprintf(text, sizeof text, "{\"block\":{\"read_bytes\":%s,\"write_bytes\":3}}\n", none[i]);
        struct counters counters = after(text);
        CHECK(counters.totals[COUNTER_DISK_READ] == 0 && counters.totals[COUNTER_DISK_WRITTEN] == 3);
    }
    /* a name that only begins as one of ours, a quote within a name, the same name at another depth */
    CHECK(after("{\"block\":{\"read_bytes_of_a_name_that_is_long\":1}}\n").totals[COUNTER_DISK_READ] == 0);
    CHECK(after("{\"block\":{\"read\\\"_bytes\":1}}\n").totals[COUNTER_DISK_READ] == 0);
    CHECK(after("{\"read_bytes\":1,\"x\":{\"block\":{\"read_bytes\":1}}}\n").totals[COUNTER_DISK_READ] == 0);
    struct counters most = after("{\"block\":{\"read_bytes\":18446744073709551615}}\n");
    counters_take(&most, line, sizeof line - 1);
    CHECK(most.totals[COUNTER_DISK_READ] == UINT64_MAX);
}

void test_counters(void) {
    char bytes[256];
    struct text text;
    struct counters counters = after(line);
    test_deltas_add_up();
    test_only_whole_lines_count();
    test_what_is_no_count();
    text_begin(&text, bytes, sizeof bytes);
    counters_write(&counters, &text);
    CHECK(strcmp(bytes, "{\"lines\":1,\"diskRead\":4096,\"diskWritten\":512,\"diskThrottled\":2,\"networkThrottled\":7,\"exits\":100}\n") == 0);
}
