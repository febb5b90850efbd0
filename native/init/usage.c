/* Figures and processes of the guest, read from /proc (proc(5)). */
#include "usage.h"
#include "tlv.h"
#include "util.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define ANSWER_BYTES 3800 /* below what the link keeps free for an answer */
#define COMMAND_BYTES 512
#define FILE_BYTES (1 << 16)

static uint64_t memory_available(void) {
    size_t length;
    char *text = (char *)read_file("/proc/meminfo", FILE_BYTES, &length);
    const char *found = text == NULL ? NULL : strstr(text, "MemAvailable:");
    uint64_t kib = found == NULL ? 0 : strtoull(found + 13, NULL, 10);
    free(text);
    return kib * 1024;
}

static uint64_t microseconds(unsigned long long ticks) {
    return ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* user nice system … irq softirq steal of /proc/stat's first line, without idle and iowait. */
static uint64_t cpu_used(void) {
    char line[256];
    unsigned long long ticks[8] = {0};
    if (!read_line("/proc/stat", line, sizeof line))
        return 0;
    sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4],
           &ticks[5], &ticks[6], &ticks[7]);
    return microseconds(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]);
}

/* Lines of /proc/net/dev are `name: received-bytes 7 more sent-bytes …`. */
static void network_used(uint64_t *received, uint64_t *sent) {
    size_t length;
    char *text = (char *)read_file("/proc/net/dev", FILE_BYTES, &length), *rest = text, *line;
    *received = *sent = 0;
    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
        char *name = line + strspn(line, " "), *colon = strchr(name, ':');
        unsigned long long in, out;
        if (colon == NULL || strncmp(name, "lo:", 3) == 0)
            continue;
        if (sscanf(colon + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &in, &out) != 2)
            continue;
        *received += in;
        *sent += out;
    }
    free(text);
}

void usage_answer_stats(struct link *link, uint32_t request) {
    uint8_t payload[256];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    struct sysinfo system = {0};
    struct statfs root = {0};
    uint64_t received, sent;
    sysinfo(&system);
    statfs("/", &root);
    network_used(&received, &sent);
    tlv_put_u32(&writer, IGN_TAG_REQUEST, request);
    tlv_put_u64(&writer, IGN_TAG_MEMORY_TOTAL, (uint64_t)system.totalram * system.mem_unit);
    tlv_put_u64(&writer, IGN_TAG_MEMORY_AVAILABLE, memory_available());
    tlv_put_u64(&writer, IGN_TAG_CPU_USED, cpu_used());
    tlv_put_u64(&writer, IGN_TAG_DISK_TOTAL, (uint64_t)root.f_blocks * (uint64_t)root.f_bsize);
    tlv_put_u64(&writer, IGN_TAG_DISK_FREE, (uint64_t)root.f_bavail * (uint64_t)root.f_bsize);
    tlv_put_u32(&writer, IGN_TAG_PROCESSES, system.procs);
    tlv_put_u64(&writer, IGN_TAG_TIME, wall_ns());
    tlv_put_u64(&writer, IGN_TAG_NET_RECEIVED, received);
    tlv_put_u64(&writer, IGN_TAG_NET_SENT, sent);
    link_control(link, IGN_FRAME_REPLY, 0, payload, writer.length);
}

struct process {
    unsigned pid, inner, parent, inner_parent, uid;
    char state;
    unsigned long long cpu_ticks, start_ticks, resident;
};

/* The number after a word at the beginning of a line of /proc/PID/status; the last of several where `last`. */
static bool status_number(const char *status, const char *word, bool last, unsigned *number, unsigned *levels) {
    const char *at = strstr(status, word);
    if (at == NULL)
        return false;
    const char *end = strchr(at + 1, '\n'); /* the word begins with the line feed before it */
    *levels = 0;
    for (at += strlen(word); end != NULL && at < end;) {
        char *next;
        unsigned value = (unsigned)strtoul(at, &next, 10);
        if (next == at)
            break;
        if (*levels == 0 || last)
            *number = value;
        ++*levels;
        at = next;
    }
    return *levels > 0;
}

static bool read_inner(unsigned pid, unsigned *inner, unsigned *levels, unsigned *uid) {
    char path[64];
    size_t length;
    unsigned ids;
    snprintf(path, sizeof path, "/proc/%u/status", pid);
    char *status = (char *)read_file(path, FILE_BYTES, &length);
    bool known = status != NULL && status_number(status, "\nUid:", false, uid, &ids) &&
                 status_number(status, "\nNSpid:", true, inner, levels);
    free(status);
    return known;
}

/* The name in brackets may hold anything: the fields begin after the last bracket. */
static bool read_times(unsigned pid, struct process *process) {
    char path[64];
    size_t length;
    long pages = 0;
    unsigned long long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    char *text = (char *)read_file(path, FILE_BYTES, &length);
    char *fields = text == NULL ? NULL : strrchr(text, ')');
    bool known = fields != NULL &&
                 sscanf(fields + 1,
                        " %c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu %*u %ld",
                        &process->state, &process->parent, &user, &system, &process->start_ticks, &pages) == 6;
    process->cpu_ticks = user + system;
    process->resident = (unsigned long long)pages * (unsigned long long)sysconf(_SC_PAGESIZE);
    free(text);
    return known;
}

/* The words with blanks between them; 0 bytes for what belongs to the kernel. */
static size_t read_command(unsigned pid, char *command) {
    char path[64];
    size_t length = 0;
    snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
    char *text = (char *)read_file(path, 1 << 20, &length);
    if (text == NULL)
        return 0;
    if (length > COMMAND_BYTES)
        length = COMMAND_BYTES;
    while (length > 0 && text[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++)
        command[i] = text[i] == '\0' ? ' ' : text[i];
    free(text);
    return length;
}

/* False where there is no room left for it. */
static bool put_process(struct tlv_writer *writer, unsigned pid, bool app) {
    struct process process = {.pid = pid};
    char line[COMMAND_BYTES + 256], command[COMMAND_BYTES + 1];
    unsigned levels, ignored;
    if (!read_inner(pid, &process.inner, &levels, &process.uid) || (app && levels < 2) || !read_times(pid, &process))
        return true;
    size_t length = read_command(pid, command);
    if (length == 0)
        return true;
    if (!app || process.parent == 0 || !read_inner(process.parent, &process.inner_parent, &levels, &ignored))
        process.inner_parent = app ? 0 : process.parent;
    else if (levels < 2)
        process.inner_parent = 0;
    int head = snprintf(line, sizeof line, "%u %u %u %c %llu %llu %llu ", app ? process.inner : pid, process.inner_parent,
                        process.uid, process.state, (unsigned long long)microseconds(process.cpu_ticks),
                        process.resident, (unsigned long long)microseconds(process.start_ticks));
    memcpy(line + head, command, length);
    if (writer->length + IGN_LIMIT_TLV_HEADER + (size_t)head + length > ANSWER_BYTES)
        return false;
    tlv_put(writer, IGN_TAG_PROCESS, line, (size_t)head + length);
    return true;
}

/* The kernel lists /proc by pid, so that the number of the last one says where the next answer begins. */
void usage_answer_processes(struct link *link, uint32_t request, uint32_t after, bool app) {
    uint8_t payload[ANSWER_BYTES + 64];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    uint32_t last = 0;
    DIR *folder = opendir("/proc");
    tlv_put_u32(&writer, IGN_TAG_REQUEST, request);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        unsigned pid = (unsigned)strtoul(entry->d_name, NULL, 10);
        if (pid <= after)
            continue;
        if (!put_process(&writer, pid, app)) {
            tlv_put_u32(&writer, IGN_TAG_AFTER, last); /* there are more */
            break;
        }
        last = pid;
    }
    if (folder != NULL)
        closedir(folder);
    link_control(link, IGN_FRAME_REPLY, 0, payload, writer.length);
}
