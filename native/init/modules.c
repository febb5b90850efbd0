/* Loads the kernel modules that the initrd carries, in the order of its list; the files are removed afterwards, since
 * the memory of an initramfs is never given back otherwise. */
#include "modules.h"
#include "facts.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <ignite_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MODULE_INIT_COMPRESSED_FILE 4 /* linux/module.h */

static bool has_suffix(const char *name, const char *suffix) {
    size_t length = strlen(name), wanted = strlen(suffix);
    return length >= wanted && strcmp(name + length - wanted, suffix) == 0;
}

/* Whether the module of a file is in the kernel now; errno otherwise. */
static bool load_file(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    long result = syscall(SYS_finit_module, fd, "", has_suffix(path, ".ko") ? 0 : MODULE_INIT_COMPRESSED_FILE);
    int saved = errno;
    close(fd);
    errno = saved;
    return result == 0 || errno == EEXIST;
}

void modules_load_later(const char *name) {
    static const char *const suffixes[] = {".ko", ".ko.xz", ".ko.zst"};
    struct utsname kernel;
    if (uname(&kernel) != 0)
        return;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[512];
        snprintf(path, sizeof path, "/lib/modules/%s/kernel/%s%s", kernel.release, name, suffixes[i]);
        if (load_file(path))
            return;
    }
}

static void load(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", IGN_NAME_MODULE_FOLDER, name);
    if (!load_file(path)) {
        char *text = format("The module %s was not loaded: %s", name, strerror(errno));
        facts_note("modules", text);
        free(text);
    }
    unlink(path);
}

static void remove_file(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", IGN_NAME_MODULE_FOLDER, name);
    unlink(path);
}

static void each(const char *list_file, void (*act)(const char *name)) {
    size_t length;
    char *list = (char *)read_file(list_file, 1 << 16, &length);
    if (list == NULL)
        return; /* all is built into the kernel */
    for (char *rest = list, *name; (name = strsep(&rest, "\n")) != NULL;)
        if (*name != 0)
            act(name);
    free(list);
}

void modules_load(const char *list_file) {
    each(list_file, load);
}

void modules_drop(const char *list_file) {
    each(list_file, remove_file);
}
