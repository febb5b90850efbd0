/* CALL: short questions and orders to the guest, each answered by one REPLY. */
#include "calls.h"
#include "channels.h"
#include "devices.h"
#include "ending.h"
#include "facts.h"
#include "mounts.h"
#include "tlv.h"
#include "usage.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYSTEMD_POWEROFF (SIGRTMIN_OF_GUEST + 4) /* systemd(1), "Signals" */
#define SYSTEMD_REBOOT (SIGRTMIN_OF_GUEST + 5)
#define SIGRTMIN_OF_GUEST 34 /* glibc's, as systemd counts; musl's SIGRTMIN is 35 */

struct call {
    uint32_t request, drive, after;
    uint8_t verb, how;
    uint64_t time;
};

static void refuse(struct link *link, const struct call *call, const char *error, int number) {
    uint8_t payload[512];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    tlv_put_u32(&writer, IGN_TAG_REQUEST, call->request);
    tlv_put_text(&writer, IGN_TAG_ERROR, error);
    tlv_put_u32(&writer, IGN_TAG_ERRNO, (uint32_t)number);
    tlv_put_text(&writer, IGN_TAG_TEXT, strerror(number));
    link_control(link, IGN_FRAME_REPLY, 0, payload, writer.length);
}

static void answer(struct link *link, uint32_t request) {
    uint8_t payload[16];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    tlv_put_u32(&writer, IGN_TAG_REQUEST, request);
    link_control(link, IGN_FRAME_REPLY, 0, payload, writer.length);
}

static void answer_or_refuse(struct link *link, const struct call *call, bool done) {
    if (done)
        answer(link, call->request);
    else
        refuse(link, call, IGN_ERROR_IO, errno);
}

static void tell_intent(uint8_t how) {
    channels_find(CHANNELS_FOLDER);
    facts_intent(how);
    facts_end();
    facts_close();
}

/* OpenRC's and SysV's programs know how to reach their own init; busybox's takes signals (its init.c: USR2 poweroff,
 * TERM reboot). */
static bool end_other_init(bool reboot) {
    const char *program = reboot ? "/sbin/reboot" : "/sbin/poweroff";
    if (access(program, X_OK) != 0)
        return kill(1, reboot ? SIGTERM : SIGUSR2) == 0;
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        execl(program, program, (char *)NULL);
        _exit(1);
    }
    return pid > 0;
}

static bool shut_down(const struct call *call, const struct agent_place *place) {
    bool reboot = call->how == IGN_INTENT_REBOOT;
    if (place->mode == IGN_MODE_APP) {
        uint8_t signal = place->config->app.stop_signal;
        if (reboot)
            kill(getppid(), SIGUSR1); /* PID 1 carries it out when the command has ended */
        return kill(place->main_pid, signal == 0 ? SIGTERM : signal) == 0;
    }
    if (place->init_kind == IGN_INIT_KIND_SYSTEMD) {
        if (access("/run/initramfs/shutdown", X_OK) != 0) /* something was mounted over /run meanwhile */
            ending_install("/proc/self/exe", place->power_off);
        return kill(1, reboot ? SYSTEMD_REBOOT : SYSTEMD_POWEROFF) == 0;
    }
    tell_intent(reboot ? IGN_INTENT_REBOOT : IGN_INTENT_POWEROFF);
    return end_other_init(reboot);
}

static bool grow(uint32_t drive) {
    char device[64];
    bool grown = false;
    if (!devices_find_drive(drive, device, sizeof device, 0))
        return false;
    FILE *table = setmntent("/proc/self/mounts", "r");
    for (struct mntent *entry; table != NULL && !grown && (entry = getmntent(table)) != NULL;) {
        /* The root's device may be shown as /dev/root. */
        bool root = strcmp(entry->mnt_dir, "/") == 0 && strcmp(entry->mnt_fsname, "/dev/root") == 0;
        if (strcmp(entry->mnt_fsname, device) == 0 || root)
            grown = mounts_grow(entry->mnt_dir, device) == NULL;
    }
    if (table != NULL)
        endmntent(table);
    return grown;
}

static bool begin_in_child(struct calls *calls, const struct call *call) {
    size_t slot = 0;
    while (slot < MOST_CALLS && calls->pending[slot].pid != 0)
        slot++;
    if (slot == MOST_CALLS) {
        errno = EBUSY;
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        if (call->verb == IGN_VERB_SYNC)
            sync();
        _exit(call->verb == IGN_VERB_SYNC || grow(call->drive) ? 0 : 1);
    }
    if (pid > 0)
        calls->pending[slot] = (struct pending_call){pid, call->request};
    return pid > 0;
}

static bool parse(const uint8_t *payload, size_t length, struct call *call) {
    struct tlv_reader reader = tlv_read(payload, length);
    struct tlv record;
    int got;
    while ((got = tlv_next(&reader, &record)) == 1) {
        switch (record.tag) {
        case IGN_TAG_REQUEST: call->request = (uint32_t)tlv_number(&record); break;
        case IGN_TAG_VERB: call->verb = (uint8_t)tlv_number(&record); break;
        case IGN_TAG_HOW: call->how = (uint8_t)tlv_number(&record); break;
        case IGN_TAG_TIME: call->time = tlv_number(&record); break;
        case IGN_TAG_AFTER: call->after = (uint32_t)tlv_number(&record); break;
        case IGN_TAG_DRIVE: call->drive = (uint32_t)tlv_number(&record); break;
        }
    }
    return got == 0;
}

static bool set_time(uint64_t time) {
    struct timespec value = {(time_t)(time / 1000000000u), (long)(time % 1000000000u)};
    return clock_settime(CLOCK_REALTIME, &value) == 0;
}

bool calls_take(struct calls *calls, const uint8_t *payload, size_t length, const struct agent_place *place,
                struct link *link) {
    struct call call = {0};
    if (!parse(payload, length, &call))
        return false;
    switch (call.verb) {
    case IGN_VERB_SHUTDOWN: answer_or_refuse(link, &call, shut_down(&call, place)); return true;
    case IGN_VERB_TIME: answer_or_refuse(link, &call, set_time(call.time)); return true;
    case IGN_VERB_STATS: usage_answer_stats(link, call.request); return true;
    case IGN_VERB_PROCESSES:
        usage_answer_processes(link, call.request, call.after, place->mode == IGN_MODE_APP);
        return true;
    case IGN_VERB_SYNC:
    case IGN_VERB_GROW:
        if (!begin_in_child(calls, &call))
            refuse(link, &call, IGN_ERROR_TOO_MANY, errno);
        return true;
    default: refuse(link, &call, IGN_ERROR_UNSUPPORTED, ENOSYS); return true;
    }
}

bool calls_reaped(struct calls *calls, pid_t pid, int status, struct link *link) {
    for (size_t i = 0; i < MOST_CALLS; i++) {
        struct pending_call *pending = &calls->pending[i];
        if (pending->pid != pid)
            continue;
        struct call call = {.request = pending->request};
        errno = EIO;
        if (call.request != 0)
            answer_or_refuse(link, &call, status == 0);
        *pending = (struct pending_call){0};
        return true;
    }
    return false;
}

void calls_forget(struct calls *calls) {
    for (size_t i = 0; i < MOST_CALLS; i++)
        calls->pending[i].request = 0; /* the slot is free again when the child ends */
}
