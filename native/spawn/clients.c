#include "clients.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app.h"
#include "doors.h"
#include "pipes.h"
#include "status.h"
#include "text.h"
#include "when.h"

#define RETRY_MS 100
/* More than a socket holds, so that a client that never stops cannot keep us. */
#define DISCARD_READS 2048

void client_close(struct supervisor *s, struct client *client) {
    if (client->fd < 0) return;
    client_discard_input(client); /* unread bytes would turn its EOF into a reset */
    close(client->fd);
    client->fd = -1;
    if (client->kind == CLIENT_PIPE && client->pipe->client == client) pipe_forget_client(client->pipe);
    if (client->kind == CLIENT_APP && s->app.client == client) app_forget_client(s);
}

void clients_close_all(struct supervisor *s) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) client_close(s, &s->clients[i]);
}

void client_discard_input(struct client *client) {
    char bytes[256];
    ssize_t count = 1;
    for (int i = 0; i < DISCARD_READS && count > 0; i++) count = read(client->fd, bytes, sizeof bytes);
    if (count == 0) client->read_closed = true;
}

/* A free place; without one the oldest client that holds no channel must go. */
static struct client *find_place(struct supervisor *s) {
    struct client *oldest = NULL;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &s->clients[i];
        if (client->fd < 0) return client;
        bool holds = client->kind == CLIENT_PIPE || client->kind == CLIENT_APP;
        if (!holds && (oldest == NULL || client->order < oldest->order)) oldest = client;
    }
    client_close(s, oldest); /* at most four of sixteen hold a channel */
    return oldest;
}

void clients_accept(struct supervisor *s) {
    for (;;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) s->listen_again_ms = when_steady_ms() + RETRY_MS;
            return;
        }
        *find_place(s) = (struct client){.fd = fd, .kind = CLIENT_NAMING, .order = s->next_order++};
    }
}

static void lend_pipe(struct supervisor *s, struct client *client, enum channel_kind kind) {
    client->kind = CLIENT_PIPE;
    client->pipe = &s->pipes[kind];
    pipe_lend(s, &s->pipes[kind], client);
}

static void begin_kill(struct supervisor *s, struct client *client) {
    client->kind = CLIENT_KILL;
    s->kill_asked = true;
    if (s->phase == PHASE_ENDED) {
        app_give_up(s);
        clients_answer_kill(s);
        s->linger_until_ms = 0;
        return;
    }
    if (s->reaped) return; /* it had ended by itself */
    s->killed = true;
    kill(s->vmm_pid, SIGKILL);
}

/* Whoever asks had the VMM write first: that waits in the FIFO at the latest now. */
static void tell_counters(struct supervisor *s, struct client *client) {
    struct text text;
    for (int i = 0; i < DRAIN_READS && s->doors.metrics >= 0 && doors_read_metrics(s); i++) continue;
    text_begin(&text, s->scratch, sizeof s->scratch);
    counters_write(&s->counters, &text);
    if (s->doors.metrics >= 0) send(client->fd, text.data, text.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    client_close(s, client);
}

static void begin_channel(struct supervisor *s, struct client *client) {
    const char *name = client->name;
    if (strcmp(name, "status") == 0) {
        client->kind = CLIENT_STATUS;
        s->status_asked = true;
        status_send(s, client);
    } else if (strcmp(name, "app") == 0) {
        client->kind = CLIENT_APP;
        app_lend(s, client);
    } else if (strcmp(name, "console") == 0) lend_pipe(s, client, CHANNEL_CONSOLE);
    else if (strcmp(name, "link") == 0) lend_pipe(s, client, CHANNEL_LINK);
    else if (strcmp(name, "vmm") == 0) lend_pipe(s, client, CHANNEL_VMM);
    else if (strcmp(name, "kill") == 0) begin_kill(s, client);
    else if (strcmp(name, "counters") == 0) tell_counters(s, client);
    else client_close(s, client);
}

/* Byte by byte: what follows the line already belongs to the channel. */
static void read_name(struct supervisor *s, struct client *client) {
    char byte;
    for (;;) {
        ssize_t count = read(client->fd, &byte, 1);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0 || (byte != '\n' && client->name_length == sizeof client->name - 1)) {
            client_close(s, client);
            return;
        }
        if (byte == '\n') break;
        client->name[client->name_length++] = byte;
    }
    client->name[client->name_length] = '\0';
    begin_channel(s, client);
}

short client_events(const struct supervisor *s, const struct client *client) {
    switch (client->kind) {
    case CLIENT_NAMING: return POLLIN;
    case CLIENT_PIPE: return pipe_client_events(client->pipe);
    case CLIENT_APP: return app_client_events(s);
    default: return (short)((client->read_closed ? 0 : POLLIN) | (client->behind ? POLLOUT : 0));
    }
}

static void listener_ready(struct supervisor *s, struct client *client, short events) {
    if (!client->read_closed) client_discard_input(client);
    if (events & (POLLHUP | POLLERR)) client_close(s, client);
    else if (client->behind && (events & POLLOUT)) status_send(s, client);
}

void client_ready(struct supervisor *s, struct client *client, short events) {
    switch (client->kind) {
    case CLIENT_NAMING: read_name(s, client); return;
    case CLIENT_PIPE: pipe_client_ready(s, client->pipe, events); return;
    case CLIENT_APP: app_client_ready(s, events); return;
    default: listener_ready(s, client, events); return;
    }
}

void clients_answer_kill(struct supervisor *s) {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &s->clients[i];
        if (client->fd < 0 || client->kind != CLIENT_KILL) continue;
        if (send(client->fd, "ok\n", 3, MSG_DONTWAIT | MSG_NOSIGNAL) == 3) client->read_closed = true;
        client_close(s, client);
    }
}
