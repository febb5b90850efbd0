/* Carries the main process's output to the supervisor, within its credit: a writer without credit blocks in its own
 * pipe. Reaps whatever dies meanwhile. */
#include "app.h"
#include "bytes.h"
#include "facts.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <ignite_protocol.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESERTED_MS 200
/* Turns without a host after which the command's output is dropped, so that it goes on and may end. */
#define DESERTED_TURNS 10
#define HEAD (IGN_LIMIT_HEADER + IGN_LIMIT_LOG_HEADER)

struct relay {
    struct app *app;
    uint32_t credit;
    uint8_t out[IGN_LIMIT_HEADER + IGN_LIMIT_PAYLOAD];
    size_t out_length, out_sent;
    uint8_t in[256];
    size_t in_length;
    bool ended, deserted;
    unsigned deserted_turns;
    int status;
};

static bool reboot_wanted;

/* reboot(2), "Behavior inside PID namespaces": SIGHUP for a restart, SIGINT for a halt and a power-off. Neither ends the
 * first process of a namespace otherwise: pid_namespaces(7) has it ignore signals that it does not handle. */
bool app_called_reboot(int status, uint8_t *intent) {
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal != SIGHUP && signal != SIGINT)
        return false;
    *intent = signal == SIGHUP ? IGN_INTENT_REBOOT : IGN_INTENT_POWEROFF;
    return true;
}

bool app_reboot_wanted(void) {
    return reboot_wanted;
}

/* CREDIT is the only frame that comes back; others are passed over, a malformed one gives nothing. */
static void take_credit(struct relay *relay) {
    ssize_t got = read(facts_fd(), relay->in + relay->in_length, sizeof relay->in - relay->in_length);
    if (got <= 0)
        return;
    relay->in_length += (size_t)got;
    size_t at = 0;
    while (relay->in_length - at >= IGN_LIMIT_HEADER) {
        const uint8_t *frame = relay->in + at;
        uint32_t length = get_u32(frame);
        if (length > sizeof relay->in - IGN_LIMIT_HEADER) {
            relay->in_length = at = 0;
            break;
        }
        if (relay->in_length - at < IGN_LIMIT_HEADER + length)
            break;
        if (frame[4] == IGN_FRAME_CREDIT && length == 5 && frame[IGN_LIMIT_HEADER] == IGN_CHANNEL_OUT) {
            uint32_t more = get_u32(frame + IGN_LIMIT_HEADER + 1);
            uint32_t room = IGN_LIMIT_WINDOW - relay->credit;
            relay->credit += more < room ? more : room;
        }
        at += IGN_LIMIT_HEADER + length;
    }
    memmove(relay->in, relay->in + at, relay->in_length - at);
    relay->in_length -= at;
}

static void send_more(struct relay *relay) {
    while (relay->out_sent < relay->out_length) {
        ssize_t wrote = write(facts_fd(), relay->out + relay->out_sent, relay->out_length - relay->out_sent);
        if (wrote < 0)
            return;
        relay->out_sent += (size_t)wrote;
    }
    relay->out_length = relay->out_sent = 0;
}

static void take_output(struct relay *relay, int *fd, uint8_t stream) {
    size_t room = IGN_LIMIT_PAYLOAD - IGN_LIMIT_LOG_HEADER;
    if (room > relay->credit)
        room = relay->credit;
    ssize_t got = read(*fd, relay->out + HEAD, room);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) { /* a terminal's master says EIO when the last writer is gone */
        close(*fd);
        *fd = -1;
        return;
    }
    memset(relay->out, 0, IGN_LIMIT_HEADER);
    put_u32(relay->out, (uint32_t)(IGN_LIMIT_LOG_HEADER + got));
    relay->out[4] = IGN_FRAME_LOG;
    relay->out[IGN_LIMIT_HEADER] = stream;
    put_u64(relay->out + IGN_LIMIT_HEADER + 1, wall_ns());
    relay->out_length = HEAD + (size_t)got;
    relay->credit -= (uint32_t)got;
    send_more(relay);
}

static void take_signals(struct relay *relay, int signals) {
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGUSR1)
            reboot_wanted = true;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != relay->app->pid)
            continue;
        relay->ended = true;
        relay->status = status;
    }
}

static bool finished(const struct relay *relay) {
    if (relay->ended && relay->deserted_turns >= DESERTED_TURNS)
        return true;
    return relay->ended && relay->app->out < 0 && relay->app->err < 0 && relay->out_length == 0;
}

static void turn(struct relay *relay, int signals) {
    struct app *app = relay->app;
    if (relay->deserted_turns >= DESERTED_TURNS) { /* the listener has closed the channel for good */
        relay->out_length = relay->out_sent = 0;
        relay->credit = IGN_LIMIT_WINDOW;
    }
    bool may_read = relay->out_length == 0 && relay->credit > 0;
    struct pollfd waits[] = {
        {signals, POLLIN, 0},
        {facts_fd(), (short)(POLLIN | (relay->out_length > 0 ? POLLOUT : 0)), 0},
        {may_read ? app->out : -1, POLLIN, 0},
        {may_read ? app->err : -1, POLLIN, 0},
    };
    if (relay->deserted)
        waits[1].fd = -1; /* no host there: poll would return at once, for ever */
    if (poll(waits, 4, relay->deserted ? DESERTED_MS : -1) < 0)
        return;
    if (waits[1].fd >= 0)
        relay->deserted_turns = waits[1].revents & POLLHUP ? relay->deserted_turns + 1 : 0;
    relay->deserted = (waits[1].revents & POLLHUP) != 0;
    if (waits[0].revents != 0)
        take_signals(relay, signals);
    if (waits[1].revents & POLLIN)
        take_credit(relay);
    if (waits[1].revents & POLLOUT)
        send_more(relay);
    if (waits[2].revents != 0)
        take_output(relay, &app->out, 1);
    if (waits[3].revents != 0 && relay->out_length == 0 && relay->credit > 0)
        take_output(relay, &app->err, 2);
}

int app_relay(struct app *app) {
    static struct relay relay;
    relay.app = app;
    relay.credit = IGN_LIMIT_WINDOW;
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGUSR1);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    fcntl(app->out, F_SETFL, O_NONBLOCK);
    if (app->err >= 0)
        fcntl(app->err, F_SETFL, O_NONBLOCK);
    while (!finished(&relay))
        turn(&relay, signals);
    close(signals);
    return relay.status;
}
