#include "loop.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app.h"
#include "clients.h"
#include "doors.h"
#include "exit_record.h"
#include "guest.h"
#include "pipes.h"
#include "status.h"
#include "vmm.h"
#include "when.h"

/* signals, output, facts, three pipes, five doors, the clients, the listener */
#define WATCHES_MAX (3 + 3 + 5 + CLIENTS_MAX + 1)

typedef void (*ready_call)(struct supervisor *s, void *object, short events);

struct watches {
    size_t count;
    struct pollfd fds[WATCHES_MAX];
    ready_call calls[WATCHES_MAX];
    void *objects[WATCHES_MAX];
};

static void add(struct watches *watches, int fd, short events, ready_call call, void *object) {
    watches->fds[watches->count] = (struct pollfd){.fd = fd, .events = events};
    watches->calls[watches->count] = call;
    watches->objects[watches->count++] = object;
}

static void on_signal(struct supervisor *s, void *object, short events) {
    struct signalfd_siginfo info;
    (void)object, (void)events;
    while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) continue;
    vmm_reap(s);
}

static bool read_output(struct supervisor *s) {
    ssize_t count = read(s->output_fd, s->scratch, LOG_BUFFER);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (count > 0) log_bytes(&s->vmm_log, s->scratch, (size_t)count, 0);
    else {
        close(s->output_fd);
        s->output_fd = -1;
    }
    return count > 0;
}

static void on_output(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    read_output(s);
}

static bool read_log(struct supervisor *s) {
    ssize_t count = read(s->doors.log, s->scratch, LOG_BUFFER);
    if (count > 0) log_bytes(&s->vmm_log, s->scratch, (size_t)count, 0);
    return count > 0;
}

static void on_log(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    read_log(s);
}

static void on_metrics(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    doors_read_metrics(s);
}

static void on_facts_door(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    if (doors_facts_wanted(s)) doors_facts_ready(s);
}

static void on_link_door(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    if (doors_link_wanted(s)) doors_link_ready(s);
}

static void on_candidate(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    if (s->doors.candidate >= 0) doors_candidate_ready(s);
}

static void watch_doors(struct supervisor *s, struct watches *watches) {
    if (s->doors.log >= 0) add(watches, s->doors.log, POLLIN, on_log, NULL);
    if (s->doors.metrics >= 0) add(watches, s->doors.metrics, POLLIN, on_metrics, NULL);
    if (doors_facts_wanted(s)) add(watches, s->doors.facts, POLLIN, on_facts_door, NULL);
    if (doors_link_wanted(s)) add(watches, s->doors.link, POLLIN, on_link_door, NULL);
    if (s->doors.candidate >= 0) add(watches, s->doors.candidate, POLLIN, on_candidate, NULL);
}

static void on_guest(struct supervisor *s, void *object, short events) {
    (void)object;
    guest_ready(s, events);
}

static void on_pipe(struct supervisor *s, void *object, short events) {
    struct pipe_channel *pipe = object;
    if (pipe->vmm >= 0) pipe_vmm_ready(s, pipe, events);
}

static void on_client(struct supervisor *s, void *object, short events) {
    struct client *client = object;
    if (client->fd >= 0) client_ready(s, client, events);
}

static void on_listener(struct supervisor *s, void *object, short events) {
    (void)object, (void)events;
    clients_accept(s);
}

/* Only what can go on is watched: a descriptor whose event nobody takes would make poll return for ever. */
static void watch_all(struct supervisor *s, struct watches *watches) {
    watches->count = 0;
    add(watches, s->signal_fd, POLLIN, on_signal, NULL);
    if (s->output_fd >= 0) add(watches, s->output_fd, POLLIN, on_output, NULL);
    short guest = guest_events(s);
    if (guest != 0) add(watches, s->guest.fd, guest, on_guest, NULL);
    watch_doors(s, watches);
    for (size_t i = 0; i < 3; i++) {
        short events = pipe_vmm_events(&s->pipes[i]);
        if (events != 0) add(watches, s->pipes[i].vmm, events, on_pipe, &s->pipes[i]);
    }
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &s->clients[i];
        short events = client->fd < 0 ? -1 : client_events(s, client);
        if (events >= 0) add(watches, client->fd, events, on_client, client);
    }
    if (s->listen_again_ms <= when_steady_ms()) add(watches, s->listen_fd, POLLIN, on_listener, NULL);
}

static void sooner(int *timeout, uint64_t due_ms, uint64_t now_ms) {
    int left = due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
    if (*timeout < 0 || left < *timeout) *timeout = left;
}

static int next_timeout(const struct supervisor *s) {
    uint64_t now = when_steady_ms();
    int timeout = cri_delay(&s->cri, now);
    if (s->changed) sooner(&timeout, s->status_due_ms, now);
    if (s->listen_again_ms > now) sooner(&timeout, s->listen_again_ms, now);
    if (doors_due_ms(s) > 0) sooner(&timeout, doors_due_ms(s), now);
    if (s->phase == PHASE_ENDED) {
        if (s->linger_until_ms > now) sooner(&timeout, s->linger_until_ms, now); /* later only a reader is waited for */
    } else if (s->reaped) sooner(&timeout, s->drain_until_ms, now);
    return timeout;
}

static void tell_log_error(struct supervisor *s, struct log *log) {
    int error = log_take_error(log);
    if (error != 0) note(s, "log", "%s: %s; output is dropped until it can be written", log->path, strerror(error));
}

static void write_logs(struct supervisor *s) {
    cri_tick(&s->cri, when_steady_ms(), s->phase == PHASE_ENDED);
    log_flush(&s->console_log);
    log_flush(&s->app_log);
    log_flush(&s->vmm_log);
    tell_log_error(s, &s->console_log);
    tell_log_error(s, &s->app_log);
    tell_log_error(s, &s->vmm_log);
}

/* Where the host gave us no time, what a guest said last waits here still, and so do calls of the programs it had last. */
static void hear_last_words(struct supervisor *s) {
    for (int i = 0; i <= DOORS_BACKLOG; i++) {
        guest_drain(s);
        if (!doors_facts_wanted(s) || !doors_facts_ready(s)) return;
    }
}

/* The VMM is gone and all it said was read: its end is written down. */
static void finish(struct supervisor *s) {
    uint64_t now = when_steady_ms();
    for (size_t i = 0; i < 3; i++) pipe_drain(s, &s->pipes[i]);
    /* A helper that outlived the VMM may hold the pipe and write for ever. */
    for (int i = 0; i < DRAIN_READS && s->output_fd >= 0 && read_output(s); i++) continue;
    for (int i = 0; i < DRAIN_READS && s->doors.log >= 0 && read_log(s); i++) continue;
    hear_last_words(s);
    doors_close(s);
    guest_close(s, NULL);
    s->phase = PHASE_ENDED;
    s->changed = true;
    bool expected = app_pending(s) && s->app.client == NULL && !s->kill_asked;
    uint64_t others = s->status_asked || s->kill_asked ? LINGER_MS : LINGER_STARTER_MS;
    s->linger_until_ms = now + (expected ? LINGER_READER_MS : others);
    write_logs(s);
    exit_record_commit(s);
    status_push(s);
    clients_answer_kill(s);
}

static bool all_was_read(const struct supervisor *s) {
    if (!s->reaped) return false;
    return s->guest.fd < 0 || when_steady_ms() >= s->drain_until_ms;
}

static bool pipes_pending(const struct supervisor *s) {
    for (size_t i = 0; i < 3; i++)
        if (s->pipes[i].client != NULL && s->pipes[i].out.start != s->pipes[i].out.end) return true;
    return false;
}

/* A reader that is there may take its time; the others get a moment. */
static bool all_told(struct supervisor *s) {
    bool late = when_steady_ms() >= s->linger_until_ms;
    if (late && s->app.client == NULL) app_give_up(s);
    if (s->kill_asked && late) app_give_up(s);
    /* A VM that ends at once is still asked how by the one who started it. */
    return !app_pending(s) && (late || (s->status_asked && !pipes_pending(s) && !status_pending(s)));
}

static void after_events(struct supervisor *s) {
    doors_tick(s);
    write_logs(s);
    if (s->phase != PHASE_ENDED && all_was_read(s)) finish(s);
    status_plan(s);
    if (s->changed && when_steady_ms() >= s->status_due_ms) status_push(s);
}

void loop_run(struct supervisor *s) {
    static struct watches watches;
    for (;;) {
        watch_all(s, &watches);
        int count = poll(watches.fds, watches.count, next_timeout(s));
        for (size_t i = 0; count > 0 && i < watches.count; i++)
            if (watches.fds[i].revents != 0) watches.calls[i](s, watches.objects[i], watches.fds[i].revents);
        after_events(s);
        if (s->phase == PHASE_ENDED && all_told(s)) break;
    }
    log_end(&s->console_log);
    log_end(&s->app_log);
    log_end(&s->vmm_log);
}
