/* Who the guest is: name, hosts, resolver, machine-id, keys, files, clock. Files of the image stay as they are where
 * they already say what is needed, so that an unchanged restart writes nothing. */
#include "identity.h"
#include "facts.h"
#include "resolver.h"
#include "util.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_SLACK_NS (3600ull * 1000000000ull)
#define SMALL_FILE (1u << 20)

/* The guest's hardware clock is right where there is one; the configuration's time was taken before the start. */
void identity_set_clock(uint64_t time) {
    uint64_t now = wall_ns();
    if (time == 0 || (now >= time && now - time < CLOCK_SLACK_NS))
        return;
    struct timespec value = {(time_t)(time / 1000000000u), (long)(time % 1000000000u)};
    clock_settime(CLOCK_REALTIME, &value);
}

static void write_if_changed(const char *path, const char *text) {
    size_t length;
    char *old = (char *)read_file(path, SMALL_FILE, &length);
    if (old == NULL || strcmp(old, text) != 0)
        write_file(path, text, strlen(text), 0644);
    free(old);
}

static void set_hostname(const char *name) {
    if (name == NULL)
        return;
    sethostname(name, strlen(name));
    char *line = format("%s\n", name);
    write_if_changed("/etc/hostname", line);
    free(line);
}

static char *append(char *text, const char *line) {
    char *longer = format("%s%s\n", text, line);
    free(text);
    return longer;
}

static void write_hosts(const struct config *config) {
    char *text = format("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
                        "fe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\n"
                        "ff02::2\tip6-allrouters\n");
    for (size_t i = 0; i < config->hosts.count; i++)
        text = append(text, config->hosts.items[i]);
    const char *address = config->nic_count > 0 ? config->nics[0].address : NULL;
    if (config->hostname != NULL) {
        char *own = format("%s\t%s", address == NULL ? "127.0.1.1" : address, config->hostname);
        text = append(text, own);
        free(own);
    }
    write_if_changed("/etc/hosts", text);
    free(text);
}

static void set_machine_id(const char *id) {
    char line[64] = "";
    if (id == NULL)
        return;
    read_line("/etc/machine-id", line, sizeof line);
    if (line[0] != 0 && strcmp(line, "uninitialized") != 0)
        return;
    char *text = format("%s\n", id);
    unlink("/etc/machine-id"); /* may be a link to nowhere, or read only */
    write_file("/etc/machine-id", text, strlen(text), 0444);
    free(text);
}

static bool holds_line(const char *text, const char *line) {
    size_t length = strlen(line);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
        if ((at == text || at[-1] == '\n') && (at[length] == '\n' || at[length] == 0))
            return true;
    return false;
}

static void add_keys(const struct texts *keys) {
    if (keys->count == 0)
        return;
    make_directories("/root/.ssh", 0700);
    chmod("/root/.ssh", 0700);
    size_t length = 0;
    char *text = (char *)read_file("/root/.ssh/authorized_keys", SMALL_FILE, &length);
    if (text == NULL)
        text = strdup("");
    if (length > 0 && text[length - 1] != '\n')
        text = append(text, "");
    for (size_t i = 0; i < keys->count; i++)
        if (!holds_line(text, keys->items[i]))
            text = append(text, keys->items[i]);
    write_if_changed("/root/.ssh/authorized_keys", text);
    chmod("/root/.ssh/authorized_keys", 0600);
    free(text);
}

/* A folder that is there stays as it is. */
static bool put_folder(const struct file_config *file) {
    if (mkdir(file->path, 0700) != 0)
        return errno == EEXIST;
    return chown(file->path, file->uid, file->gid) == 0 && chmod(file->path, file->mode & 07777) == 0;
}

static bool put_symlink(const struct file_config *file) {
    char *target = strndup((const char *)file->content, file->length);
    unlink(file->path);
    bool made = target != NULL && symlink(target, file->path) == 0 && lchown(file->path, file->uid, file->gid) == 0;
    int saved = errno;
    free(target);
    errno = saved;
    return made;
}

static bool put_file(const struct file_config *file) {
    char *folder = strdup(file->path);
    char *slash = folder == NULL ? NULL : strrchr(folder, '/');
    if (slash != NULL && slash != folder) {
        *slash = 0;
        make_directories(folder, 0755);
    }
    free(folder);
    if (file->kind == IGN_FILE_KIND_DIRECTORY)
        return put_folder(file);
    if (file->kind == IGN_FILE_KIND_SYMLINK)
        return put_symlink(file);
    return write_file(file->path, file->content, file->length, 0600) &&
           chown(file->path, file->uid, file->gid) == 0 && chmod(file->path, file->mode & 07777) == 0;
}

static void put_files(const struct config *config) {
    for (size_t i = 0; i < config->file_count; i++) {
        if (put_file(&config->files[i]))
            continue;
        char *text = format("The file %s could not be written: %s", config->files[i].path, strerror(errno));
        facts_note("files", text);
        free(text);
    }
}

void identity_setup(const struct config *config) {
    mkdir("/etc", 0755);
    set_hostname(config->hostname);
    write_hosts(config);
    resolver_setup(config);
    set_machine_id(config->machine_id);
    add_keys(&config->keys);
    put_files(config);
}
