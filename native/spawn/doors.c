#include "doors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients.h"
#include "guest.h"
#include "jail.h"
#include "resolve.h"
#include "when.h"

/* How long who connects may take to show the token. */
#define TOKEN_MS 5000

/* A socket of a mount that is nowhere attached is reached by its descriptor. */
static bool address_of(struct sockaddr_un *address, int folder, const char *path) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s%s", folder, *path == '\0' ? "" : "/", path);
    return length > 0 && (size_t)length < sizeof address->sun_path;
}

static bool complain(struct supervisor *s, const char *path) { return fail(s, "jail", "%s: %s", path, strerror(errno)); }

static bool give_away(struct supervisor *s, const struct launch *launch, const char *path) {
    return !launch->has_uid || fchownat(s->jail_fd, path, launch->uid, launch->gid, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool prepare(struct supervisor *s, const struct launch *launch, const char *path, char *inside, size_t size) {
    jail_path(inside, size, launch, path);
    mode_t mask = umask(022);
    bool made = jail_folders(s->jail_fd, inside);
    umask(mask);
    return made || complain(s, path);
}

static bool listen_at(struct supervisor *s, const struct launch *launch, const char *path, int *out) {
    struct sockaddr_un address;
    char inside[2 * LAUNCH_PATH_MAX + 2];
    if (path == NULL) return true;
    if (!prepare(s, launch, path, inside, sizeof inside)) return false;
    if (!address_of(&address, s->jail_fd, inside)) return fail(s, "jail", "%s: too long for a socket", inside);
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ready = *out >= 0 && bind(*out, (struct sockaddr *)&address, sizeof address) == 0 && give_away(s, launch, inside) &&
                 listen(*out, DOORS_BACKLOG) == 0;
    return ready || complain(s, path);
}

/* Opened for reading and writing: without a writer it is not at its end. */
static bool open_fifo(struct supervisor *s, const struct launch *launch, const char *path, int *out) {
    char inside[2 * LAUNCH_PATH_MAX + 2];
    if (path == NULL) return true;
    if (!prepare(s, launch, path, inside, sizeof inside)) return false;
    bool made = mkfifoat(s->jail_fd, inside, 0600) == 0 && give_away(s, launch, inside);
    if (made) *out = openat(s->jail_fd, inside, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    return *out >= 0 || complain(s, path);
}

bool doors_open(struct supervisor *s, const struct launch *launch) {
    char inside[2 * LAUNCH_PATH_MAX + 2];
    if (launch->doors.vmm != NULL) {
        if (!prepare(s, launch, launch->doors.vmm, inside, sizeof inside)) return false;
        if (strlen(inside) >= sizeof s->doors.vmm) return fail(s, "jail", "%s: too long for a socket", inside);
        strcpy(s->doors.vmm, inside);
        char *last = strrchr(inside, '/'); /* the VMM makes the socket, so the folder is its own */
        if (last != NULL) *last = '\0';
        if (last != NULL && !give_away(s, launch, inside)) return complain(s, launch->doors.vmm);
        s->pipes[CHANNEL_VMM].per_client = true;
    }
    return listen_at(s, launch, launch->doors.facts, &s->doors.facts) &&
           listen_at(s, launch, launch->doors.link, &s->doors.link) &&
           open_fifo(s, launch, launch->doors.log, &s->doors.log) &&
           open_fifo(s, launch, launch->doors.metrics, &s->doors.metrics);
}

static void shut(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void doors_close(struct supervisor *s) {
    struct pipe_channel *link = &s->pipes[CHANNEL_LINK];
    shut(&s->doors.facts);
    shut(&s->doors.link);
    shut(&s->doors.candidate);
    if (link->vmm < 0 && link->client != NULL && link->out.start == link->out.end) client_close(s, link->client);
}

bool doors_await_link(const struct supervisor *s) { return s->doors.link >= 0; }

int doors_connect(struct supervisor *s) {
    struct sockaddr_un address;
    int found = resolve_plain(s->jail_fd, s->doors.vmm, 0);
    int fd = found < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool open = fd >= 0 && address_of(&address, found, "") && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (!open) shut(&fd);
    shut(&found);
    return fd;
}

bool doors_facts_wanted(const struct supervisor *s) { return s->doors.facts >= 0 && s->guest.fd < 0; }

bool doors_link_wanted(const struct supervisor *s) {
    return s->doors.link >= 0 && s->doors.candidate < 0 && s->pipes[CHANNEL_LINK].vmm < 0;
}

bool doors_facts_ready(struct supervisor *s) {
    int fd = accept4(s->doors.facts, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) guest_open(s, fd);
    return fd >= 0;
}

void doors_link_ready(struct supervisor *s) {
    s->doors.candidate = accept4(s->doors.link, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    s->doors.shown_length = 0;
    s->doors.due_ms = when_steady_ms() + TOKEN_MS;
}

/* A guest comes for `link` once in a boot, before it touches a disk: who comes again was reset by a VMM that goes on after
 * a reset (Cloud Hypervisor). One VMM process is one boot, so it ends here as it would have ended in another VMM. */
static void end_second_boot(struct supervisor *s) {
    shut(&s->doors.candidate);
    if (s->reaped || s->vmm_pid <= 0) return;
    s->begun_again = true;
    kill(s->vmm_pid, SIGKILL);
}

/* Any process of the guest may connect; only ignite-init knows the token. */
void doors_candidate_ready(struct supervisor *s) {
    struct doors *doors = &s->doors;
    ssize_t count = read(doors->candidate, doors->shown + doors->shown_length, sizeof doors->shown - doors->shown_length);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) doors->shown_length += (size_t)count;
    if (count > 0 && doors->shown_length < sizeof doors->shown) return;
    uint8_t difference = count <= 0;
    for (size_t i = 0; i < sizeof doors->shown; i++) difference |= doors->shown[i] ^ s->token[i];
    if (difference != 0) {
        shut(&doors->candidate);
        return;
    }
    if (doors->linked) {
        end_second_boot(s);
        return;
    }
    struct pipe_channel *link = &s->pipes[CHANNEL_LINK];
    link->vmm = doors->candidate;
    link->deaf = false;
    doors->linked = true;
    doors->candidate = -1;
}

bool doors_read_metrics(struct supervisor *s) {
    ssize_t count = read(s->doors.metrics, s->scratch, sizeof s->scratch);
    if (count > 0) counters_take(&s->counters, s->scratch, (size_t)count);
    return count > 0;
}

uint64_t doors_due_ms(const struct supervisor *s) { return s->doors.candidate < 0 ? 0 : s->doors.due_ms; }

void doors_tick(struct supervisor *s) {
    if (s->doors.candidate >= 0 && when_steady_ms() >= s->doors.due_ms) shut(&s->doors.candidate);
}
