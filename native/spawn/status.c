#include "status.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "clients.h"
#include "exit_record.h"
#include "when.h"

#define LINE_MS 20
#define BURST_MS 1000

void status_add_note(struct supervisor *s, const struct facts_note *made) {
    if (s->note_count == NOTES_MAX) {
        memmove(s->notes, s->notes + 1, sizeof s->notes[0] * (NOTES_MAX - 1));
        s->note_count--;
    }
    s->notes[s->note_count++] = *made;
    s->changed = true;
}

static void add_ready(const struct supervisor *s, struct text *text) {
    const struct facts_ready *ready = &s->ready;
    text_add(text, ",\"ready\":{\"mode\":\"%s\",\"stages\":{", ready->mode == IGN_MODE_APP ? "app" : "system");
    for (size_t i = 0; i < ready->stage_count; i++) {
        text_add(text, i == 0 ? "" : ",");
        text_add_json(text, ready->stages[i].name.bytes, ready->stages[i].name.length);
        text_add(text, ":%u", ready->stages[i].milliseconds);
    }
    text_add(text, "},\"agentVersion\":");
    text_add_json(text, ready->agent_version.bytes, ready->agent_version.length);
    text_add(text, "}");
}

static void add_time(struct text *text, const char *name, uint64_t at) {
    char shown[WHEN_SIZE];
    if (at == 0) return;
    when_write(at, shown);
    text_add(text, ",\"%s\":\"%s\"", name, shown);
}

static void write_line(const struct supervisor *s, struct text *text) {
    static const char *const phases[] = {"starting", "ready", "ended"};
    text_add(text, "{\"version\":%u,\"vmUid\":", IGN_VERSION_SPAWN);
    text_add_json(text, s->vm, strlen(s->vm));
    text_add(text, ",\"vmmPid\":%d,\"phase\":\"%s\"", (int)s->vmm_host_pid, phases[s->phase]);
    add_time(text, "startedAt", s->started_at);
    add_time(text, "calledAt", s->called_at);
    if (s->saw_ready) add_ready(s, text);
    text_add(text, ",\"notes\":[");
    for (size_t i = 0; i < s->note_count; i++) {
        text_add(text, "%s{\"stage\":", i == 0 ? "" : ",");
        text_add_json(text, s->notes[i].stage.bytes, s->notes[i].stage.length);
        text_add(text, ",\"text\":");
        text_add_json(text, s->notes[i].text, s->notes[i].text_length);
        text_add(text, "}");
    }
    text_add(text, "]");
    if (s->phase == PHASE_ENDED) {
        text_add(text, ",\"exit\":");
        exit_record_write(s, text);
    }
    text_add(text, "}\n");
}

/* The longest line: 16 notes of 448 bytes and 33 words, each byte written as six. */
_Static_assert(NOTES_MAX * (FACTS_NOTE_MAX + FACTS_WORD_MAX) * 6 + (FACTS_STAGES_MAX + 2) * (FACTS_WORD_MAX * 6 + 16) + 2048 <
                   SCRATCH,
               "a status line fits the scratch buffer");

static void send_line(struct supervisor *s, struct client *client, const struct text *text) {
    ssize_t count = send(client->fd, text->data, text->length, MSG_DONTWAIT | MSG_NOSIGNAL);
    client->behind = count < 0 && (errno == EAGAIN || errno == EINTR);
    /* Half a line is of no use to anyone; a client that cannot take a few KiB connects again. */
    if (!client->behind && count != (ssize_t)text->length) client_close(s, client);
}

void status_send(struct supervisor *s, struct client *client) {
    struct text text;
    text_begin(&text, s->scratch, sizeof s->scratch);
    write_line(s, &text);
    send_line(s, client, &text);
}

void status_plan(struct supervisor *s) {
    uint64_t now = when_steady_ms();
    if (!s->changed || s->status_due_ms != 0) return;
    /* Each line costs LINE_MS; up to BURST_MS may be spent in advance. */
    if (s->status_paid_ms < now) s->status_paid_ms = now;
    uint64_t limit = s->status_paid_ms > BURST_MS ? s->status_paid_ms - BURST_MS : 0;
    s->status_due_ms = limit > now ? limit : now;
    s->status_paid_ms += LINE_MS;
}

void status_push(struct supervisor *s) {
    if (!s->changed) return;
    s->changed = false;
    s->status_due_ms = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &s->clients[i];
        if (client->fd >= 0 && client->kind == CLIENT_STATUS) status_send(s, client);
    }
}

bool status_pending(const struct supervisor *s) {
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (s->clients[i].fd >= 0 && s->clients[i].kind == CLIENT_STATUS && s->clients[i].behind) return true;
    return false;
}
