#include "exit_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "when.h"

#define RESERVED 4096

static void temporary_path(const struct supervisor *s, char out[LAUNCH_PATH_MAX + 8]) {
    snprintf(out, LAUNCH_PATH_MAX + 8, "%s.tmp", s->exit);
}

bool exit_record_reserve(struct supervisor *s) {
    char path[LAUNCH_PATH_MAX + 8];
    temporary_path(s, path);
    s->exit_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->exit_fd < 0) return fail(s, "exit", "%s: %s", path, strerror(errno));
    int error = posix_fallocate(s->exit_fd, 0, RESERVED);
    if (error == 0 || error == EOPNOTSUPP || error == EINVAL) return true;
    return fail(s, "exit", "%s: %s", path, strerror(error));
}

void exit_record_forget_old(struct supervisor *s) { unlink(s->exit); }

static void add_end(struct text *text, bool by_signal, long number) {
    text_add(text, "{\"%s\":%ld", by_signal ? "signal" : "code", number);
}

void exit_record_write(const struct supervisor *s, struct text *text) {
    static const char *const intents[] = {"unknown", "poweroff", "reboot", "halt"};
    char started[WHEN_SIZE], ended[WHEN_SIZE];
    bool signaled = WIFSIGNALED(s->vmm_status);
    when_write(s->started_at, started);
    when_write(s->ended_at, ended);
    text_add(text, "{\"boot\":\"%s\",\"startedAt\":\"%s\",\"endedAt\":\"%s\",\"ranMs\":%llu,\"vmm\":", s->boot_id, started,
             ended, (unsigned long long)s->ran_ms);
    add_end(text, signaled, signaled ? WTERMSIG(s->vmm_status) : WEXITSTATUS(s->vmm_status));
    text_add(text, "}");
    if (s->saw_done) {
        text_add(text, ",\"main\":");
        add_end(text, s->done.has_signal, s->done.has_signal ? (long)s->done.signal : (long)s->done.code);
        text_add(text, ",\"oom\":%s}", s->done.oom ? "true" : "false");
    }
    if (s->saw_intent) text_add(text, ",\"intent\":\"%s\"", intents[s->intent]);
    if (s->begun_again) text_add(text, ",\"reset\":true");
    text_add(text, ",\"ready\":%s,\"killed\":%s}", s->saw_ready ? "true" : "false", s->killed ? "true" : "false");
}

static void sync_folder_of(const char *path) {
    char folder[LAUNCH_PATH_MAX + 1];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

static bool put_whole(int fd, const struct text *text) {
    return pwrite(fd, text->data, text->length, 0) == (ssize_t)text->length && ftruncate(fd, (off_t)text->length) == 0 &&
           fsync(fd) == 0;
}

void exit_record_commit(struct supervisor *s) {
    char path[LAUNCH_PATH_MAX + 8], line[1024];
    struct text text;
    temporary_path(s, path);
    text_begin(&text, line, sizeof line);
    exit_record_write(s, &text);
    text_add(&text, "\n");
    bool there = put_whole(s->exit_fd, &text) && rename(path, s->exit) == 0;
    if (!there && errno == ENOENT) {
        /* The folder was removed while the VM ran, with what was reserved in it. `ignite repair` has made it again. */
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd >= 0) {
            close(s->exit_fd);
            s->exit_fd = fd;
            there = put_whole(fd, &text) && rename(path, s->exit) == 0;
        }
    }
    if (there) {
        sync_folder_of(s->exit);
        close(s->exit_fd);
        s->exit_fd = -1;
        return;
    }
    note(s, "exit", "exit.json could not be written: %s", strerror(errno));
    exit_record_release(s);
}

void exit_record_release(struct supervisor *s) {
    char path[LAUNCH_PATH_MAX + 8];
    if (s->exit_fd < 0) return;
    temporary_path(s, path);
    close(s->exit_fd);
    unlink(path);
    s->exit_fd = -1;
}
