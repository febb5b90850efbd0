#include "launch.h"
#include "launch_check.h"

#include <string.h>

/* What one key does with its value; answers NULL or what is wrong. */
typedef const char *(*set_value)(struct launch *launch, char *value);

static bool parse_number(const char *text, uint64_t max, uint64_t *out) {
    uint64_t value = 0;
    if (*text == '\0') return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (max - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool parse_u32(const char *text, uint32_t max, uint32_t *out) {
    uint64_t value;
    if (!parse_number(text, max, &value)) return false;
    *out = (uint32_t)value;
    return true;
}

static bool is_path(const char *text, size_t max) { return text[0] == '/' && strlen(text) <= max; }

static const char *set_path(const char **out, const char *value, const char *complaint) {
    if (*out != NULL || !is_path(value, LAUNCH_PATH_MAX)) return complaint;
    *out = value;
    return NULL;
}

static const char *set_version(struct launch *launch, char *value) {
    (void)launch;
    return strcmp(value, "1") == 0 ? NULL : "version: only 1 is known";
}

static const char *set_slot(struct launch *launch, char *value) {
    return parse_u32(value, 1u << 20, &launch->slot) ? NULL : "slot: not a number";
}

static const char *set_vm(struct launch *launch, char *value) {
    size_t length = strlen(value);
    if (length == 0 || length > LAUNCH_VM_MAX) return "vm: 1 to 64 bytes";
    launch->vm = value;
    return NULL;
}

static const char *set_run(struct launch *launch, char *value) {
    if (value[0] != '/') return "run: not an absolute path";
    if (strlen(value) > LAUNCH_RUN_MAX) return "run: the path is too long for a socket (96 bytes)";
    launch->run = value;
    return NULL;
}

static const char *set_exit(struct launch *launch, char *value) {
    return set_path(&launch->exit, value, "exit: one absolute path of at most 1000 bytes");
}

static const char *set_logs(struct launch *launch, char *value) {
    return set_path(&launch->logs, value, "logs: one absolute path of at most 1000 bytes");
}

static const char *set_netns(struct launch *launch, char *value) {
    return set_path(&launch->netns, value, "netns: one absolute path of at most 1000 bytes");
}

static const char *set_root(struct launch *launch, char *value) {
    return set_path(&launch->root, value, "root: one absolute path of at most 1000 bytes");
}

static bool has_dots(const char *path) {
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        while (*part == '/') part++;
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) return true;
    }
    return false;
}

static bool is_inside(const char *path) { return is_path(path, LAUNCH_PATH_MAX) && path[1] != '\0' && !has_dots(path); }

static const char *set_jailer(struct launch *launch, char *value) {
    if (!is_inside(value)) return "jailer: not a folder below the root";
    launch->jailer = value;
    return NULL;
}

static const char *set_root_mib(struct launch *launch, char *value) {
    if (!parse_u32(value, LAUNCH_JAIL_MIB_MAX, &launch->root_mib) || launch->root_mib == 0) return "root-mib: 1 to 1024";
    return NULL;
}

static const char *add_door(struct launch *launch, char *value) {
    struct launch_doors *doors = &launch->doors;
    const struct {
        const char *name;
        const char **path;
    } known[] = {{"facts:", &doors->facts}, {"link:", &doors->link}, {"vmm:", &doors->vmm}, {"log:", &doors->log}, {"metrics:", &doors->metrics}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t length = strlen(known[i].name);
        if (strncmp(value, known[i].name, length) != 0) continue;
        if (*known[i].path != NULL) return "door: a channel is given twice";
        if (!is_inside(value + length)) return "door: the path leaves the root";
        *known[i].path = value + length;
        return NULL;
    }
    return "door: not facts, link, vmm, log or metrics with a path";
}

static const char *add_file(struct launch *launch, char *value) {
    char *colon = strchr(value, ':');
    if (launch->file_count == LAUNCH_FILES_MAX) return "file: more than 8";
    if (colon == NULL) return "file: not TARGET:CONTENT";
    *colon = '\0';
    if (!is_inside(value)) return "file: the target leaves the root";
    launch->files[launch->file_count++] = (struct launch_text){value, colon + 1};
    return NULL;
}

static const char *set_file_bytes(struct launch *launch, char *value) {
    return parse_u32(value, LAUNCH_FILE_BYTES_MAX, &launch->file_bytes) ? NULL : "file-bytes: not a number up to 16 MiB";
}

static const char *add_device(struct launch *launch, char *value) {
    if (launch->device_count == LAUNCH_DEVICES_MAX) return "device: more than 8";
    if (!is_inside(value)) return "device: not an absolute path";
    launch->devices[launch->device_count++] = value;
    return NULL;
}

static const char *set_log_max(struct launch *launch, char *value) {
    if (!parse_number(value, 1ull << 40, &launch->log_max) || launch->log_max < 4096) return "log-max: at least 4096 bytes";
    return NULL;
}

static const char *set_log_files(struct launch *launch, char *value) {
    if (!parse_u32(value, 99, &launch->log_files) || launch->log_files == 0) return "log-files: 1 to 99";
    return NULL;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static const char *set_token(struct launch *launch, char *value) {
    static const char complaint[] = "token: 32 lower-case hex digits";
    if (strlen(value) != 2 * IGN_LIMIT_TOKEN) return complaint;
    for (size_t i = 0; i < IGN_LIMIT_TOKEN; i++) {
        int high = hex_digit(value[2 * i]), low = hex_digit(value[2 * i + 1]);
        if (high < 0 || low < 0) return complaint;
        launch->token[i] = (uint8_t)(high << 4 | low);
    }
    return NULL;
}

static const char *set_wait_reader(struct launch *launch, char *value) {
    uint32_t flag;
    if (!parse_u32(value, 1, &flag)) return "wait-reader: 0 or 1";
    launch->wait_reader = flag == 1;
    return NULL;
}

static const char *set_uid(struct launch *launch, char *value) {
    launch->has_uid = true;
    return parse_u32(value, UINT32_MAX - 1, &launch->uid) ? NULL : "uid: not a user id";
}

static const char *set_gid(struct launch *launch, char *value) {
    launch->has_gid = true;
    return parse_u32(value, UINT32_MAX - 1, &launch->gid) ? NULL : "gid: not a group id";
}

static const char *add_cgroup(struct launch *launch, char *value) {
    if (launch->cgroup_count == LAUNCH_CGROUPS_MAX) return "cgroup: more than 8";
    if (!is_path(value, LAUNCH_PATH_MAX)) return "cgroup: not an absolute path";
    launch->cgroups[launch->cgroup_count++] = value;
    return NULL;
}

static const char *add_env(struct launch *launch, char *value) {
    const char *equals = strchr(value, '=');
    if (launch->env_count == LAUNCH_ENV_MAX) return "env: more than 128";
    if (equals == NULL || equals == value) return "env: not NAME=value";
    launch->env[launch->env_count++] = value;
    return NULL;
}

static const char *add_arg(struct launch *launch, char *value) {
    if (launch->arg_count == LAUNCH_ARGS_MAX) return "arg: more than 512";
    launch->args[launch->arg_count++] = value;
    return NULL;
}

static const char *add_net(struct launch *launch, char *value) {
    if (launch->net_count == LAUNCH_NET_ARGS_MAX) return "net: more than 256";
    launch->net[launch->net_count++] = value;
    return NULL;
}

static const char *add_share(struct launch *launch, char *value) {
    if (launch->share_count == LAUNCH_SHARE_ARGS_MAX) return "share: more than 32";
    launch->share[launch->share_count++] = value;
    return NULL;
}

static const char *set_net_from(struct launch *launch, char *value) {
    return net_parse_source(value, &launch->net_rules) ? NULL : "net-from: not MAC,ADDRESS";
}

static const char *set_net_dns(struct launch *launch, char *value) {
    return net_parse_address(value, &launch->net_rules.dns) ? NULL : "net-dns: not an IPv4 address";
}

static const char *add_net_deny(struct launch *launch, char *value) {
    struct net_rules *rules = &launch->net_rules;
    if (rules->deny_count == NET_DENY_MAX) return "net-deny: more than 128";
    return net_parse_range(value, &rules->deny[rules->deny_count++]) ? NULL : "net-deny: not ADDRESS/LENGTH";
}

/* `ro:TARGET:SOURCE`, `rw:TARGET:SOURCE`; the target holds no colon. */
static bool parse_share(char *text, struct launch_fd *fd) {
    char *colon = strchr(text, ':'), *next = colon == NULL ? NULL : strchr(colon + 1, ':');
    if (next == NULL) return false;
    *colon = *next = '\0';
    fd->kind = CHANNEL_SHARE;
    fd->share = (struct launch_share){strcmp(text, "rw") == 0, next + 1, colon + 1};
    return (fd->share.writable || strcmp(text, "ro") == 0) && is_path(fd->share.source, LAUNCH_PATH_MAX) &&
           is_path(fd->share.target, LAUNCH_PATH_MAX);
}

static const char *add_dhcp(struct launch *launch, char *value) {
    if (launch->dhcp_count == DHCP_OFFERS_MAX) return "dhcp: more than 16";
    return dhcp_parse(value, &launch->dhcp[launch->dhcp_count++]) ? NULL : "dhcp: not TAP MAC ADDRESS/PREFIX GATEWAY DNS HOSTNAME";
}

static bool parse_kind(char *text, struct launch_fd *fd) {
    static const struct {
        const char *name;
        enum channel_kind kind;
    } kinds[] = {{"console", CHANNEL_CONSOLE}, {"terminal", CHANNEL_CONSOLE}, {"link", CHANNEL_LINK},
                 {"vmm", CHANNEL_VMM},         {"facts", CHANNEL_FACTS},      {"net", CHANNEL_NET}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(text, kinds[i].name) == 0) {
            fd->kind = kinds[i].kind;
            fd->terminal = strcmp(text, "terminal") == 0;
            return true;
        }
    if (strncmp(text, "share:", strlen("share:")) == 0) return parse_share(text + strlen("share:"), fd);
    size_t name = strlen("tap:");
    if (strncmp(text, "tap:", name) != 0) return false;
    fd->kind = CHANNEL_TAP;
    fd->tap = text + name;
    char *at = strchr(text + name, '@');
    if (at != NULL) {
        *at = '\0';
        fd->tap_netns = at + 1;
        if (*fd->tap_netns != '/' || strlen(fd->tap_netns) > LAUNCH_PATH_MAX) return false;
    }
    /* An interface name has at most 15 bytes (IFNAMSIZ of netdevice(7)). */
    return *fd->tap != '\0' && strlen(fd->tap) <= 15 && strchr(fd->tap, '/') == NULL;
}

static const char *add_fd(struct launch *launch, char *value) {
    char *colon = strchr(value, ':');
    struct launch_fd fd = {0};
    uint32_t number;
    if (launch->fd_count == LAUNCH_FDS_MAX) return "fd: more than 24";
    if (colon == NULL) return "fd: not NUMBER:WHAT";
    *colon = '\0';
    if (!parse_u32(value, LAUNCH_FD_LAST, &number)) return "fd: the number is not 0 or 3 to 63";
    if (!parse_kind(colon + 1, &fd)) return "fd: not console, terminal, facts, link, vmm, net, tap:NAME[@NETNS] or share:ro|rw:TARGET:SOURCE";
    bool stdio = number == LAUNCH_FD_STDIO && fd.kind == CHANNEL_CONSOLE;
    if (number < LAUNCH_FD_FIRST && !stdio) return "fd: the number is not 3 to 63, or 0 for the console";
    fd.number = (int)number;
    for (size_t i = 0; i < launch->fd_count; i++) {
        if (launch->fds[i].number == fd.number) return "fd: a number is given twice";
        if (fd.kind != CHANNEL_TAP && fd.kind != CHANNEL_SHARE && launch->fds[i].kind == fd.kind) return "fd: a channel is given twice";
    }
    launch->fds[launch->fd_count++] = fd;
    return NULL;
}

static const char *add_bind(struct launch *launch, char *value) {
    struct launch_bind bind = {0};
    if (launch->bind_count == LAUNCH_BINDS_MAX) return "bind: more than 64";
    if (strncmp(value, "rw:", 3) == 0) bind.writable = true;
    else if (strncmp(value, "ro:", 3) != 0) return "bind: not ro:SOURCE:TARGET or rw:SOURCE:TARGET";
    char *colon = strchr(value + 3, ':');
    if (colon == NULL) return "bind: no target";
    *colon = '\0';
    bind.source = value + 3;
    bind.target = colon + 1;
    if (!is_path(bind.source, LAUNCH_PATH_MAX) || !is_path(bind.target, LAUNCH_PATH_MAX)) return "bind: not absolute paths";
    if (!is_inside(bind.target)) return "bind: the target leaves the root";
    launch->binds[launch->bind_count++] = bind;
    return NULL;
}

static const struct {
    const char *key;
    set_value set;
    bool repeats;
} keys[] = {
    {"version", set_version, false}, {"slot", set_slot, false},
    {"vm", set_vm, false},           {"run", set_run, false},
    {"exit", set_exit, false},       {"logs", set_logs, false},
    {"log-max", set_log_max, false}, {"log-files", set_log_files, false},
    {"token", set_token, false},     {"wait-reader", set_wait_reader, false},
    {"uid", set_uid, false},         {"gid", set_gid, false},
    {"netns", set_netns, false},     {"root", set_root, false},
    {"cgroup", add_cgroup, true},    {"env", add_env, true},
    {"fd", add_fd, true},            {"arg", add_arg, true},
    {"bind", add_bind, true},        {"net", add_net, true},
    {"net-from", set_net_from, false}, {"net-dns", set_net_dns, false},
    {"net-deny", add_net_deny, true}, {"jailer", set_jailer, false},
    {"root-mib", set_root_mib, false}, {"door", add_door, true},
    {"file", add_file, true},        {"device", add_device, true}, {"file-bytes", set_file_bytes, false},
    {"share", add_share, true},      {"dhcp", add_dhcp, true},
};
#define KEYS (sizeof keys / sizeof keys[0])
/* The first ten keys of the table must all be there. */
#define REQUIRED 10
#define KEY_NET_FROM 20

static const char *parse_record(char *record, struct launch *out, uint32_t *seen) {
    char *equals = strchr(record, '=');
    if (equals == NULL) return "a record without =";
    *equals = '\0';
    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(record, keys[i].key) != 0) continue;
        if (*seen == 0 && i != 0) return "version: is not the first record";
        if ((*seen & 1u << i) != 0 && !keys[i].repeats) return "a key is given twice";
        *seen |= 1u << i;
        return keys[i].set(out, equals + 1);
    }
    return "an unknown key";
}

static const char *check_net(const struct launch *launch, uint32_t seen) {
    bool wanted = false;
    for (size_t i = 0; i < launch->fd_count; i++) wanted = wanted || launch->fds[i].kind == CHANNEL_NET;
    if (wanted != (launch->net_count > 0)) return "net and a descriptor for it are given only together";
    if (wanted && launch->net[0][0] != '/') return "net: the program is not an absolute path";
    return wanted && (seen & 1u << KEY_NET_FROM) == 0 ? "net-from is missing" : NULL;
}

static const char *check_whole(const struct launch *launch, uint32_t seen) {
    static const char *const missing[REQUIRED] = {
        "version is missing", "slot is missing",    "vm is missing",        "run is missing",   "exit is missing",
        "logs is missing",    "log-max is missing", "log-files is missing", "token is missing", "wait-reader is missing"};
    for (size_t i = 0; i < REQUIRED; i++)
        if ((seen & 1u << i) == 0) return missing[i];
    const char *complaint = launch_check(launch);
    return complaint != NULL ? complaint : check_net(launch, seen);
}

const char *launch_parse(char *bytes, size_t length, struct launch *out) {
    uint32_t seen = 0;
    memset(out, 0, sizeof *out);
    if (length == 0) return "the file is empty";
    if (length > LAUNCH_FILE_MAX) return "the file is larger than 128 KiB";
    if (bytes[length - 1] != '\0') return "the last record has no end";
    for (size_t at = 0; at < length;) {
        size_t size = strlen(bytes + at) + 1;
        const char *complaint = parse_record(bytes + at, out, &seen);
        if (complaint != NULL) return complaint;
        at += size;
    }
    return check_whole(out, seen);
}
