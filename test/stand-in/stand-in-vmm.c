/*
 * A VMM without a machine, for tests: speaks console, facts, link and QMP on its descriptors as a VM with our guest in it
 * would, costs a few pages, and ends when told.
 *
 *   stand-in-vmm [console=FD] [facts=FD] [link=FD] [vmm=FD] STEP…
 *
 * Steps, in order:
 *   token=HEX             TOKEN frame             raw=HEX            bytes as they are on facts
 *   ready=app|system      READY frame             note=STAGE:TEXT    NOTE frame
 *   text=1|2:TEXT         LOG frame (\n = newline) log=1|2:BYTES:FRAME LOG frames of FRAME bytes of the pattern, obeying credit
 *   weave=COUNT           LOG frames of one byte, stdout and stderr in turn     empty=COUNT  LOG frames without a byte
 *   greedy=BYTES          LOG beyond any credit   done=CODE          DONE frame   done-signal=N   the same by a signal
 *   done-oom=N            the same for lack of memory
 *   intent=NUMBER         INTENT frame            console=TEXT       text on the console
 *   console-flood=BYTES   the pattern on the console                 link-flood=BYTES  the pattern on the link
 *   notes=COUNT           as many NOTE frames
 *   stdout-flood=BYTES    the pattern for vmm.log
 *   stdout=TEXT           text for vmm.log        await=TEXT         waits until the console was told this line
 *   show=uid|fds|status|root|terminal  facts about this process for vmm.log
 *   fork                  a helper that sleeps for ever
 *   serve                 echoes console and link, answers QMP, until told to end
 *   exit=CODE             ends                    signal=N           ends by a signal
 *
 * While serving, a console line `exit N` sends DONE N and ends with 0, `reset` ends with 0 and says nothing, `crash` ends by
 * SIGSEGV, `no room` stops it as a write to a full disk does, `link closed` and `link open` are the agent's end of the link. QMP knows qmp_capabilities,
 * query-status, query-chardev, stop, cont, quit, system_powerdown (INTENT, DONE 0, end). Byte i of the pattern is i ^ i>>8 ^ i>>16.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ignite_protocol.h"
#include "bytes.h"
#include "calls.h"
#include "show.h"

static int console = -1, facts = -1, link_fd = -1, qmp = -1;
static uint32_t credit = IGN_LIMIT_WINDOW;
static uint64_t pattern_at;
static uint8_t frame[IGN_LIMIT_HEADER + IGN_LIMIT_PAYLOAD];

/* Sends the payload that lies in `frame` behind the header. */
static void send_frame(uint8_t type, size_t length) {
    memset(frame, 0, IGN_LIMIT_HEADER);
    put32(frame, (uint32_t)length);
    frame[4] = type;
    write_all(facts, frame, IGN_LIMIT_HEADER + length);
}

static size_t add_record(size_t at, uint16_t tag, const void *value, size_t length) {
    uint8_t *record = frame + IGN_LIMIT_HEADER + at;
    put16(record, tag);
    put32(record + 2, (uint32_t)length);
    memcpy(record + IGN_LIMIT_TLV_HEADER, value, length);
    return at + IGN_LIMIT_TLV_HEADER + length;
}

static size_t add_number(size_t at, uint16_t tag, uint32_t value) {
    uint8_t bytes[4];
    put32(bytes, value);
    return add_record(at, tag, bytes, 4);
}

static void send_ready(const char *mode) {
    uint8_t number = strcmp(mode, "app") == 0 ? IGN_MODE_APP : IGN_MODE_SYSTEM;
    size_t at = add_record(0, IGN_TAG_MODE, &number, 1);
    at = add_record(at, IGN_TAG_AGENT_VERSION, "stand-in", 8);
    at = add_record(at, IGN_TAG_STAGE, "init", 4);
    at = add_number(at, IGN_TAG_STAGE_MS, 12);
    at = add_record(at, IGN_TAG_STAGE, "app", 3);
    at = add_number(at, IGN_TAG_STAGE_MS, 34);
    send_frame(IGN_FRAME_READY, at);
}

static void send_note(char *text) {
    char *colon = strchr(text, ':');
    size_t at = add_record(0, IGN_TAG_STAGE, text, (size_t)(colon - text));
    at = add_record(at, IGN_TAG_TEXT, colon + 1, strlen(colon + 1));
    send_frame(IGN_FRAME_NOTE, at);
}

static void flood_notes(unsigned long count) {
    for (unsigned long i = 0; i < count; i++) {
        char text[] = "flood:a note among many";
        send_note(text);
    }
}

static void send_done_for(uint16_t tag, uint32_t number, uint8_t oom) {
    size_t at = add_number(0, tag, number);
    send_frame(IGN_FRAME_DONE, add_record(at, IGN_TAG_OOM, &oom, 1));
}

static void send_done(uint16_t tag, uint32_t number) { send_done_for(tag, number, 0); }

static void send_intent(uint8_t intent) { send_frame(IGN_FRAME_INTENT, add_record(0, IGN_TAG_INTENT, &intent, 1)); }

/* Reads whole CREDIT frames; waits for one where `wait`. */
static void take_credit(bool wait) {
    static uint8_t bytes[IGN_LIMIT_HEADER + 5];
    static size_t have;
    struct pollfd poll_facts = {.fd = facts, .events = POLLIN};
    while (poll(&poll_facts, 1, wait ? -1 : 0) > 0) {
        ssize_t count = read(facts, bytes + have, sizeof bytes - have);
        if (count <= 0) {
            credit = UINT32_MAX; /* closed: nothing holds us back */
            return;
        }
        have += (size_t)count;
        if (have < sizeof bytes) continue;
        have = 0;
        credit += (uint32_t)bytes[13] | (uint32_t)bytes[14] << 8 | (uint32_t)bytes[15] << 16 | (uint32_t)bytes[16] << 24;
        wait = false;
    }
}

static void log_header(uint8_t stream) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    frame[IGN_LIMIT_HEADER] = stream;
    for (int i = 0; i < 8; i++) frame[IGN_LIMIT_HEADER + 1 + i] = (uint8_t)(time >> (8 * i));
}

static void fill_pattern(uint8_t *out, size_t count) {
    for (size_t i = 0; i < count; i++, pattern_at++)
        out[i] = (uint8_t)(pattern_at ^ pattern_at >> 8 ^ pattern_at >> 16);
}

static void send_log(const char *text) {
    size_t length = 0;
    uint8_t *data = frame + IGN_LIMIT_HEADER + IGN_LIMIT_LOG_HEADER;
    for (const char *at = text + 2; *at != '\0'; at++) {
        if (at[0] == '\\' && at[1] == 'n') data[length++] = '\n', at++;
        else data[length++] = (uint8_t)*at;
    }
    while (credit < length) take_credit(true);
    log_header((uint8_t)(text[0] - '0'));
    credit -= (uint32_t)length;
    send_frame(IGN_FRAME_LOG, IGN_LIMIT_LOG_HEADER + length);
}

static void flood_log(const char *text) {
    unsigned stream;
    unsigned long long left;
    size_t size;
    if (sscanf(text, "%u:%llu:%zu", &stream, &left, &size) != 3) exit(64);
    while (left > 0) {
        size_t count = left < size ? (size_t)left : size;
        take_credit(false);
        while (credit < count) take_credit(true);
        log_header((uint8_t)stream);
        fill_pattern(frame + IGN_LIMIT_HEADER + IGN_LIMIT_LOG_HEADER, count);
        send_frame(IGN_FRAME_LOG, IGN_LIMIT_LOG_HEADER + count);
        if (credit != UINT32_MAX) credit -= (uint32_t)count;
        left -= count;
    }
}

static void weave(unsigned long long count, size_t size) {
    for (unsigned long long i = 0; i < count; i++) {
        take_credit(false);
        while (credit < size) take_credit(true);
        log_header(i % 2 == 0 ? 1 : 2);
        fill_pattern(frame + IGN_LIMIT_HEADER + IGN_LIMIT_LOG_HEADER, size);
        send_frame(IGN_FRAME_LOG, IGN_LIMIT_LOG_HEADER + size);
        if (credit != UINT32_MAX) credit -= (uint32_t)size;
    }
}

static void flood(int fd, unsigned long long left) {
    static uint8_t bytes[16384];
    while (left > 0) {
        size_t count = left < sizeof bytes ? (size_t)left : sizeof bytes;
        fill_pattern(bytes, count);
        write_all(fd, bytes, count);
        left -= count;
    }
}

static void greedy(unsigned long long left) {
    while (left > 0) {
        size_t count = left < 60000 ? (size_t)left : 60000;
        log_header(1);
        send_frame(IGN_FRAME_LOG, IGN_LIMIT_LOG_HEADER + count);
        left -= count;
    }
}

static void await_line(const char *wanted) {
    char line[256];
    size_t length = 0, size = strlen(wanted);
    while (read(console, line + length, 1) == 1) {
        if (line[length] != '\n') {
            if (length < sizeof line - 1) length++;
            continue;
        }
        if (length == size && memcmp(line, wanted, size) == 0) return;
        length = 0;
    }
    exit(65);
}

static void qmp_say(const char *text) {
    write_all(qmp, text, strlen(text));
    write_all(qmp, "\r\n", 2);
}

/* The id of a command as it stands, so that the answer can carry it. */
static void qmp_return(const char *line, const char *value) {
    char id[128] = "", answer[512];
    const char *at = strstr(line, "\"id\"");
    if (at != NULL && (at = strchr(at, ':')) != NULL) {
        size_t length = strcspn(++at, ",}");
        if (length < sizeof id) memcpy(id, at, length), id[length] = '\0';
    }
    snprintf(answer, sizeof answer, "{\"return\": %s%s%s}", value, id[0] == '\0' ? "" : ", \"id\": ", id);
    qmp_say(answer);
}

static void power_off(const char *reason) {
    char event[256];
    snprintf(event, sizeof event,
             "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 0}, \"event\": \"SHUTDOWN\", \"data\": {\"guest\": %s, \"reason\": \"%s\"}}",
             strcmp(reason, "host-qmp-quit") == 0 ? "false" : "true", reason);
    if (qmp >= 0) qmp_say(event);
    exit(0);
}

static bool link_open = true;

static void qmp_event(const char *name, const char *data) {
    char event[256];
    snprintf(event, sizeof event, "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 0}, \"event\": \"%s\", \"data\": %s}", name, data);
    if (qmp >= 0) qmp_say(event);
}

static const char *run_state = "running";

static void qmp_line(const char *line) {
    char status[64];
    if (strstr(line, "\"query-status\"") != NULL) {
        snprintf(status, sizeof status, "{\"status\": \"%s\", \"running\": %s}", run_state, strcmp(run_state, "running") == 0 ? "true" : "false");
        qmp_return(line, status);
    }
    else if (strstr(line, "\"query-chardev\"") != NULL)
        qmp_return(line, link_open ? "[{\"label\": \"link\", \"frontend-open\": true}]" : "[{\"label\": \"link\", \"frontend-open\": false}]");
    else if (strstr(line, "\"quit\"") != NULL) {
        qmp_return(line, "{}");
        power_off("host-qmp-quit");
    } else if (strstr(line, "\"system_powerdown\"") != NULL) {
        qmp_return(line, "{}");
        if (facts >= 0) {
            send_intent(IGN_INTENT_POWEROFF);
            send_done(IGN_TAG_CODE, 0);
        }
        power_off("guest-shutdown");
    } else if (strstr(line, "\"stop\"") != NULL || strstr(line, "\"cont\"") != NULL) {
        bool goes_on = strstr(line, "\"cont\"") != NULL;
        run_state = goes_on ? "running" : "paused";
        qmp_event(goes_on ? "RESUME" : "STOP", "{}");
        qmp_return(line, "{}");
    } else if (strstr(line, "\"execute\"") != NULL) qmp_return(line, "{}");
}

static void console_line(const char *line) {
    if (strncmp(line, "exit ", 5) == 0) {
        send_done(IGN_TAG_CODE, (uint32_t)atoi(line + 5));
        exit(0);
    }
    if (strcmp(line, "reset") == 0) exit(0);
    if (strcmp(line, "crash") == 0) raise(SIGSEGV);
    if (strcmp(line, "no room") == 0) {
        run_state = "io-error";
        qmp_event("STOP", "{}");
    }
    if (strncmp(line, "link ", 5) == 0) {
        link_open = strcmp(line + 5, "open") == 0;
        qmp_event("VSERPORT_CHANGE", link_open ? "{\"id\": \"agent\", \"open\": true}" : "{\"id\": \"agent\", \"open\": false}");
    }
}

/* One read of one channel; closes what has ended. */
static void serve_one(struct pollfd *entry, int *fd, int number) {
    static struct lines console_lines, qmp_lines;
    static char bytes[65536];
    if (entry->revents == 0) return;
    ssize_t count = read(*fd, bytes, sizeof bytes);
    if (count <= 0) {
        *fd = -1;
        return;
    }
    if (number == 2) return feed(&qmp_lines, bytes, (size_t)count, qmp_line);
    write_all(*fd, bytes, (size_t)count);
    if (number == 0) feed(&console_lines, bytes, (size_t)count, console_line);
}

static void serve(void) {
    if (qmp >= 0) qmp_say("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}, \"package\": \"stand-in\"}, \"capabilities\": [\"oob\"]}}");
    for (;;) {
        int *fds[] = {&console, &link_fd, &qmp};
        struct pollfd entries[3];
        for (int i = 0; i < 3; i++) entries[i] = (struct pollfd){.fd = *fds[i], .events = POLLIN};
        poll(entries, 3, -1);
        for (int i = 0; i < 3; i++) serve_one(&entries[i], fds[i], i);
    }
}

static bool set_fd(const char *key, const char *value) {
    int *target = strcmp(key, "console") == 0 && value[strspn(value, "0123456789")] == '\0' ? &console
                  : strcmp(key, "facts") == 0                                               ? &facts
                  : strcmp(key, "link") == 0                                                ? &link_fd
                  : strcmp(key, "vmm") == 0                                                 ? &qmp
                                                                                            : NULL;
    if (target != NULL) *target = atoi(value);
    return target != NULL;
}

static void say(const char *text, int fd) {
    write_all(fd, text, strlen(text));
    write_all(fd, "\n", 1);
}

static bool run_frame_step(const char *key, char *value) {
    uint8_t *payload = frame + IGN_LIMIT_HEADER;
    if (strcmp(key, "token") == 0) send_frame(IGN_FRAME_TOKEN, unhex(value, payload));
    else if (strcmp(key, "raw") == 0) write_all(facts, frame, unhex(value, frame));
    else if (strcmp(key, "ready") == 0) send_ready(value);
    else if (strcmp(key, "note") == 0) send_note(value);
    else if (strcmp(key, "notes") == 0) flood_notes(strtoul(value, NULL, 10));
    else if (strcmp(key, "text") == 0) send_log(value);
    else if (strcmp(key, "log") == 0) flood_log(value);
    else if (strcmp(key, "stdout-flood") == 0) flood(STDOUT_FILENO, strtoull(value, NULL, 10));
    else if (strcmp(key, "weave") == 0) weave(strtoull(value, NULL, 10), 1);
    else if (strcmp(key, "empty") == 0) weave(strtoull(value, NULL, 10), 0);
    else if (strcmp(key, "greedy") == 0) greedy(strtoull(value, NULL, 10));
    else if (strcmp(key, "done") == 0) send_done(IGN_TAG_CODE, (uint32_t)atoi(value));
    else if (strcmp(key, "done-signal") == 0) send_done(IGN_TAG_SIGNAL, (uint32_t)atoi(value));
    else if (strcmp(key, "done-oom") == 0) send_done_for(IGN_TAG_SIGNAL, (uint32_t)atoi(value), 1);
    else if (strcmp(key, "intent") == 0) send_intent((uint8_t)atoi(value));
    else return false;
    return true;
}

/* For a VMM without descriptors; what it shows first on the link is given as hex. */
static bool run_call_step(const char *key, char *value) {
    if (strcmp(key, "facts-call") == 0) facts = calls_connect(value);
    else if (strcmp(key, "facts-end") == 0) close(facts);
    else if (strcmp(key, "link-end") == 0) close(link_fd);
    else if (strcmp(key, "link-call") == 0) link_fd = calls_connect(value);
    else if (strcmp(key, "link-show") == 0) write_all(link_fd, frame, unhex(value, frame));
    else if (strcmp(key, "vmm-serve") == 0) calls_serve(value);
    else if (strcmp(key, "fifo") == 0) calls_log(value);
    else return false;
    return true;
}

static bool run_step(const char *key, char *value) {
    if (run_frame_step(key, value) || run_call_step(key, value) || set_fd(key, value)) return true;
    if (strcmp(key, "console") == 0) say(value, console);
    else if (strcmp(key, "console-flood") == 0) flood(console, strtoull(value, NULL, 10));
    else if (strcmp(key, "link-flood") == 0) flood(link_fd, strtoull(value, NULL, 10));
    else if (strcmp(key, "stdout") == 0) say(value, STDOUT_FILENO);
    else if (strcmp(key, "await") == 0) await_line(value);
    else if (strcmp(key, "show") == 0) show(value);
    else if (strcmp(key, "exit") == 0) exit(atoi(value));
    else if (strcmp(key, "signal") == 0) raise(atoi(value));
    else return false;
    return true;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < argc; i++) {
        char empty[1] = "", *value = strchr(argv[i], '=');
        if (value != NULL) *value++ = '\0';
        if (strcmp(argv[i], "serve") == 0) serve();
        else if (strcmp(argv[i], "fork") == 0) {
            if (fork() == 0)
                for (;;) pause();
        } else if (!run_step(argv[i], value == NULL ? empty : value)) {
            fprintf(stderr, "stand-in-vmm: unknown step %s\n", argv[i]);
            return 64;
        }
    }
    return 0;
}
