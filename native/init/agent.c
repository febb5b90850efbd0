/* The agent: one loop over the link, its children's pipes and their ends. It never blocks on any of them. */
#include "agent_state.h"
#include "channels.h"
#include "devices.h"
#include "facts.h"
#include "serials.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_POLLS (2 + 4 * IGN_LIMIT_STREAMS)

static const char *error_word(uint8_t what) {
    switch (what) {
    case NOT_FOUND: return IGN_ERROR_NOT_FOUND;
    case NOT_EXECUTABLE: return IGN_ERROR_NOT_EXECUTABLE;
    case NO_USER: return IGN_ERROR_NO_USER;
    case NO_DIRECTORY: return IGN_ERROR_NO_DIRECTORY;
    case BAD_ARCHIVE: return IGN_ERROR_BAD_ARCHIVE;
    default: return IGN_ERROR_IO;
    }
}

static void take_report(struct agent *agent, struct stream *stream) {
    struct report report;
    ssize_t got = read(stream->report, &report, sizeof report);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    close(stream->report);
    stream->report = -1;
    bool failed = got == sizeof report && report.what != FAILURE_NONE;
    if (failed) {
        report.text[sizeof report.text - 1] = 0;
        stream_reset(stream, error_word(report.what), report.error, report.text, &agent->link);
    } else {
        agent_send_opened(agent, stream, got == sizeof report ? &report : NULL);
    }
}

static void reap(struct agent *agent) {
    struct signalfd_siginfo info;
    while (read(agent->signals, &info, sizeof info) == sizeof info)
        ;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (calls_reaped(&agent->calls, pid, status, &agent->link))
            continue;
        for (size_t i = 0; i < IGN_LIMIT_STREAMS; i++) {
            struct stream *stream = &agent->streams[i];
            if (!stream->used || stream->pid != pid || stream->kind == IGN_OPEN_KIND_ATTACH)
                continue;
            stream->exited = true;
            stream->status = status;
        }
    }
}

struct polls {
    struct pollfd items[MOST_POLLS];
    size_t count;
};

static void watch(struct polls *polls, int fd, short events) {
    if (fd >= 0)
        polls->items[polls->count++] = (struct pollfd){fd, events, 0};
}

static bool may_read(const struct agent *agent, const struct stream *stream, uint32_t credit) {
    return stream->opened && (stream->id == 0 || (link_data_free(&agent->link) && credit > 0));
}

static void watch_stream(const struct agent *agent, const struct stream *stream, struct polls *polls) {
    watch(polls, stream->report, POLLIN);
    if (stream->held_begin < stream->held_end)
        watch(polls, stream->in, POLLOUT);
    if (may_read(agent, stream, stream->out_credit))
        watch(polls, stream->out, POLLIN);
    if (may_read(agent, stream, stream->err_credit))
        watch(polls, stream->err, POLLIN);
}

/* Whoever is attached has ended the main process's input: it ends when our end of the pipe is closed, too. */
static void end_main_input(struct agent *agent, const struct stream *stream) {
    bool ended = stream->kind == IGN_OPEN_KIND_ATTACH && stream->in_eof && stream->in < 0;
    if (!ended || stream->tty || agent->main_in < 0)
        return;
    close(agent->main_in);
    agent->main_in = -1;
}

/* After its end a child's pipe may be kept open by other processes and never become ready: read it without an event. */
static void serve_stream(struct agent *agent, struct stream *stream) {
    if (stream->report >= 0)
        take_report(agent, stream);
    if (stream->used && stream->in >= 0 && (stream->held_begin < stream->held_end || stream->in_eof))
        stream_write_in(stream, &agent->link);
    end_main_input(agent, stream);
    if (stream->used && stream->out >= 0 && may_read(agent, stream, stream->out_credit))
        stream_read_out(stream, &stream->out, IGN_CHANNEL_OUT, &agent->link);
    if (stream->used && stream->err >= 0 && may_read(agent, stream, stream->err_credit))
        stream_read_out(stream, &stream->err, IGN_CHANNEL_ERR, &agent->link);
    if (stream->used)
        stream_finish(stream, &agent->link);
}

/* Each turn begins with the stream after the one that began the last: none starves. */
static void serve_streams(struct agent *agent) {
    size_t begin = agent->next_turn++;
    for (size_t i = 0; i < IGN_LIMIT_STREAMS && link_has_room(&agent->link); i++) {
        struct stream *stream = &agent->streams[(begin + i) % IGN_LIMIT_STREAMS];
        if (stream->used)
            serve_stream(agent, stream);
        link_flush(&agent->link);
    }
}

static bool may_read_link(const struct agent *agent) {
    return agent->link.readable && link_has_room(&agent->link) &&
           agent->buffer.end - agent->buffer.begin < sizeof agent->buffer.bytes / 2;
}

static void turn(struct agent *agent) {
    static struct polls polls;
    polls.count = 0;
    watch(&polls, agent->link.events, POLLIN);
    watch(&polls, agent->signals, POLLIN);
    for (size_t i = 0; i < IGN_LIMIT_STREAMS; i++)
        if (agent->streams[i].used)
            watch_stream(agent, &agent->streams[i], &polls);
    bool at_once = may_read_link(agent) || (agent->frames_wait && link_has_room(&agent->link));
    if (poll(polls.items, polls.count, at_once ? 0 : -1) < 0)
        return;
    link_wake(&agent->link);
    reap(agent);
    if (may_read_link(agent))
        agent_read_link(agent);
    agent_take_frames(agent);
    link_flush(&agent->link);
    serve_streams(agent);
    link_flush(&agent->link);
}

static void take_signals(struct agent *agent) {
    sigset_t watched;
    for (int number = 1; number < NSIG; number++)
        if (number != SIGCHLD)
            signal(number, SIG_IGN); /* inits end everybody by signals at shutdown; the agent goes last */
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    agent->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

void agent_serve(int fd, const struct agent_place *place, bool one_session) {
    static struct agent agent;
    agent.place = place;
    if (!link_begin(&agent.link, fd))
        return;
    take_signals(&agent);
    child_raise_limit();
    agent.namespaces = child_namespaces(place);
    agent.main_in = place->main_in;
    if (agent.main_in >= 0)
        fcntl(agent.main_in, F_SETFL, O_NONBLOCK);
    write_file("/proc/self/oom_score_adj", "-1000", 5, 0);
    while (!(one_session && agent.link.closed))
        turn(&agent);
    agent_end_session(&agent);
}

int agent_of_machine(int count, char **arguments) {
    if (count < 8)
        return 1;
    struct agent_place place = {
        .mode = IGN_MODE_SYSTEM,
        .init_kind = (uint8_t)atoi(arguments[2]),
        .power_off = (uint8_t)atoi(arguments[3]),
        .main_in = -1,
    };
    facts_use(atoi(arguments[4]));
    facts_set_stages(arguments[5]);
    serials_take(arguments[6]);
    channels_take(arguments[7]);
    devices_watch();
    int link = channels_open_link();
    devices_unwatch();
    if (link < 0) {
        facts_note("agent", "The channel " IGN_NAME_LINK_PORT " did not appear");
        return 1;
    }
    facts_stage("agent");
    facts_ready(IGN_MODE_SYSTEM);
    facts_close(); /* systemd's shutdown hook opens it again */
    agent_serve(link, &place, false);
    return 0;
}
