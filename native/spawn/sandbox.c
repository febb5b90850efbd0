#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "identity.h"
#include "net.h"
#include "share.h"
#include "text.h"

/* linux/if_tun.h, which musl does not bring. */
#define TUN_SET_INTERFACE 0x400454CAul
#define TUN_TAP 0x0002
#define TUN_NO_PACKET_INFO 0x1000
#define TUN_VNET_HEADER 0x4000

/* TIOCGPTPEER of linux/tty.h (ioctl_tty(2)): the other end, whatever is mounted here. */
#define TERMINAL_PEER 0x5441

/* Connections that wait until they are taken; a full queue answers EAGAIN to a connect that does not wait. */
#define BACKLOG 128

#define SOCKET_NAME "spawn.sock"
#define RECORD_NAME "spawn.json"
#define RECORD_TEMPORARY "spawn.json.tmp"

bool sandbox_claim_run(struct supervisor *s) {
    s->run_fd = open(s->run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->run_fd < 0) return fail(s, "run", "%s: %s", s->run, strerror(errno));
    /* The lock dies with this process: two supervisors never serve one slot, and stale files hinder nobody. */
    if (flock(s->run_fd, LOCK_EX | LOCK_NB) != 0) return fail(s, "run", "%s: another supervisor serves it", s->run);
    unlinkat(s->run_fd, SOCKET_NAME, 0);
    unlinkat(s->run_fd, RECORD_NAME, 0);
    unlinkat(s->run_fd, RECORD_TEMPORARY, 0);
    return true;
}

bool sandbox_check_logs(struct supervisor *s) {
    struct stat facts;
    if (stat(s->logs, &facts) != 0) return fail(s, "logs", "%s: %s", s->logs, strerror(errno));
    if (!S_ISDIR(facts.st_mode)) return fail(s, "logs", "%s: not a directory", s->logs);
    if (faccessat(AT_FDCWD, s->logs, W_OK | X_OK, AT_EACCESS) != 0) return fail(s, "logs", "%s: %s", s->logs, strerror(errno));
    return true;
}

static bool join_cgroup(struct supervisor *s, const char *path) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    /* 0 is the writing process, whatever PID namespace it is in (cgroups(7)). */
    bool joined = fd >= 0 && write(fd, "0\n", 2) == 2;
    int error = errno;
    if (fd >= 0) close(fd);
    return joined || fail(s, "cgroup", "%s: %s", path, strerror(error));
}

static bool join_netns(struct supervisor *s, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool joined = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
    int error = errno;
    if (fd >= 0) close(fd);
    return joined || fail(s, "netns", "%s: %s", path, strerror(error));
}

bool sandbox_join(struct supervisor *s, const struct launch *launch) {
    for (size_t i = 0; i < launch->cgroup_count; i++)
        if (i != launch->born_in && !join_cgroup(s, launch->cgroups[i])) return false;
    return launch->netns == NULL || join_netns(s, launch->netns);
}

static int open_tap(struct supervisor *s, const char *name) {
    struct ifreq request = {0};
    /* TUNSETIFF would make an interface that is missing, and it would die with the VMM. */
    if (if_nametoindex(name) == 0) {
        fail(s, "tap", "%s: no such interface", name);
        return -1;
    }
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        fail(s, "tap", "/dev/net/tun: %s", strerror(errno));
        return -1;
    }
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    request.ifr_flags = TUN_TAP | TUN_NO_PACKET_INFO | TUN_VNET_HEADER;
    if (ioctl(fd, TUN_SET_INTERFACE, &request) == 0) return fd;
    fail(s, "tap", "%s: %s", name, strerror(errno));
    close(fd);
    return -1;
}

/* Opens a tap of another namespace than the one joined; the descriptor stays valid here. */
static int open_tap_in(struct supervisor *s, const char *netns, const char *name) {
    int back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (back < 0) {
        fail(s, "tap", "/proc/self/ns/net: %s", strerror(errno));
        return -1;
    }
    int fd = join_netns(s, netns) ? open_tap(s, name) : -1;
    if (setns(back, CLONE_NEWNET) != 0 && fd >= 0) {
        fail(s, "tap", "the way back from %s: %s", netns, strerror(errno));
        close(fd);
        fd = -1;
    }
    close(back);
    return fd;
}

static int *own_end(struct supervisor *s, enum channel_kind kind) {
    return kind == CHANNEL_FACTS ? &s->guest.fd : &s->pipes[kind].vmm;
}

static int open_channel(struct supervisor *s, enum channel_kind kind) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        fail(s, "channel", "%s", strerror(errno));
        return -1;
    }
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    *own_end(s, kind) = pair[0];
    return pair[1];
}

/* A pair of a terminal's ends, raw from the start, for a VMM that takes input from a terminal only. */
static int open_terminal(struct supervisor *s) {
    struct termios mode;
    int own = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    int other = own < 0 || unlockpt(own) != 0 ? -1 : ioctl(own, TERMINAL_PEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (other >= 0 && tcgetattr(other, &mode) == 0) {
        cfmakeraw(&mode);
        if (tcsetattr(other, TCSANOW, &mode) == 0) {
            s->pipes[CHANNEL_CONSOLE].vmm = own;
            return other;
        }
    }
    fail(s, "channel", "terminal: %s", strerror(errno));
    if (own >= 0) close(own);
    if (other >= 0) close(other);
    return -1;
}

static int open_fd(struct supervisor *s, const struct launch *launch, const struct launch_fd *wanted) {
    if (wanted->kind == CHANNEL_TAP)
        return wanted->tap_netns == NULL ? open_tap(s, wanted->tap) : open_tap_in(s, wanted->tap_netns, wanted->tap);
    if (wanted->kind == CHANNEL_SHARE) return share_open(s, launch, wanted);
    if (wanted->kind == CHANNEL_NET) return net_open(s, launch);
    return wanted->terminal ? open_terminal(s) : open_channel(s, wanted->kind);
}

bool sandbox_open_channels(struct supervisor *s, const struct launch *launch, struct vmm_fds *out) {
    int output[2];
    for (size_t i = 0; i < launch->fd_count; i++) {
        out->fds[i] = open_fd(s, launch, &launch->fds[i]);
        if (out->fds[i] < 0) return false;
    }
    if (pipe2(output, O_CLOEXEC) != 0) return fail(s, "channel", "%s", strerror(errno));
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    s->output_fd = output[0];
    out->output = output[1];
    return true;
}

void sandbox_close_vmm_fds(const struct launch *launch, struct vmm_fds *out) {
    for (size_t i = 0; i < launch->fd_count; i++) close(out->fds[i]);
    close(out->output);
}

bool sandbox_listen(struct supervisor *s) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/" SOCKET_NAME, s->run);
    s->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->listen_fd < 0) return fail(s, "socket", "%s", strerror(errno));
    /* The umask is 077, so that the socket is 0600 from its first moment. */
    if (bind(s->listen_fd, (struct sockaddr *)&address, sizeof address) != 0)
        return fail(s, "socket", "%s: %s", address.sun_path, strerror(errno));
    s->made_socket = true;
    if (chmod(address.sun_path, 0600) == 0 && listen(s->listen_fd, BACKLOG) == 0) return true;
    return fail(s, "socket", "%s: %s", address.sun_path, strerror(errno));
}

static bool write_whole(struct supervisor *s, const struct text *text) {
    int fd = openat(s->run_fd, RECORD_TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool written = write(fd, text->data, text->length) == (ssize_t)text->length;
    int error = errno;
    close(fd);
    if (written && renameat(s->run_fd, RECORD_TEMPORARY, s->run_fd, RECORD_NAME) == 0) return true;
    if (!written) errno = error;
    error = errno;
    unlinkat(s->run_fd, RECORD_TEMPORARY, 0);
    errno = error;
    return false;
}

bool sandbox_write_record(struct supervisor *s) {
    struct text text;
    text_begin(&text, s->scratch, sizeof s->scratch);
    text_add(&text, "{\"version\":%u,\"pid\":%d,\"startTime\":%llu,\"bootId\":\"%s\",\"vm\":", IGN_VERSION_SPAWN, (int)s->host_pid,
             (unsigned long long)identity_start_time(), s->boot_id);
    text_add_json(&text, s->vm, strlen(s->vm));
    text_add(&text, ",\"slot\":%u,\"exit\":", s->slot);
    text_add_json(&text, s->exit, strlen(s->exit));
    text_add(&text, "}\n");
    s->made_record = write_whole(s, &text);
    return s->made_record || fail(s, "record", "%s/" RECORD_NAME ": %s", s->run, strerror(errno));
}

void sandbox_remove(struct supervisor *s) {
    if (s->made_record) unlinkat(s->run_fd, RECORD_NAME, 0);
    if (s->made_socket) unlinkat(s->run_fd, SOCKET_NAME, 0);
    s->made_record = s->made_socket = false;
}
