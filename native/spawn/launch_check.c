#include "launch_check.h"

static const char *check_jail(const struct launch *launch) {
    const struct launch_doors *doors = &launch->doors;
    bool has_door = doors->facts != NULL || doors->link != NULL || doors->vmm != NULL || doors->log != NULL || doors->metrics != NULL;
    bool jailed = has_door || launch->bind_count > 0 || launch->file_count > 0 || launch->device_count > 0 ||
                  launch->root_mib > 0 || launch->jailer != NULL;
    if (jailed && launch->root == NULL) return "bind, file, device, jailer, root-mib and door need a root";
    for (size_t i = 0; i < launch->fd_count; i++) {
        enum channel_kind kind = launch->fds[i].kind;
        if ((kind == CHANNEL_FACTS && doors->facts != NULL) || (kind == CHANNEL_LINK && doors->link != NULL) ||
            (kind == CHANNEL_VMM && doors->vmm != NULL))
            return "a channel has a descriptor and a door";
    }
    return NULL;
}

static const char *check_share(const struct launch *launch) {
    bool wanted = false;
    for (size_t i = 0; i < launch->fd_count; i++) wanted = wanted || launch->fds[i].kind == CHANNEL_SHARE;
    if (wanted != (launch->share_count > 0)) return "share and a descriptor for it are given only together";
    return wanted && launch->share[0][0] != '/' ? "share: the program is not an absolute path" : NULL;
}

const char *launch_check(const struct launch *launch) {
    if (launch->arg_count == 0) return "arg is missing";
    if (launch->args[0][0] != '/') return "arg: the program is not an absolute path";
    if (launch->has_uid != launch->has_gid) return "uid and gid are given only together";
    const char *complaint = check_jail(launch);
    return complaint != NULL ? complaint : check_share(launch);
}
