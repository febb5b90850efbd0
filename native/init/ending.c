/* How the VM ends: after the intent was sent and everything is written, in the way that its VMM notices. */
#include "ending.h"
#include "channels.h"
#include "facts.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <ignite_protocol.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define POWER_OFF_FILE "/power-off"
#define INITRAMFS "/run/initramfs"
#define MOST_MOUNTS 256

/* Unmounts from the last mount to the first below `top`; what is busy becomes read-only, which writes it out. */
static void unmount_all(const char *top) {
    static char *paths[MOST_MOUNTS];
    size_t count = 0, length = strlen(top);
    FILE *table = setmntent("/proc/self/mounts", "r");
    for (struct mntent *entry; table != NULL && count < MOST_MOUNTS && (entry = getmntent(table)) != NULL;)
        if (strncmp(entry->mnt_dir, top, length) == 0)
            paths[count++] = strdup(entry->mnt_dir);
    if (table != NULL)
        endmntent(table);
    while (count-- > 0) {
        if (paths[count] == NULL || strncmp(paths[count], "/proc", 5) == 0 || strncmp(paths[count], "/dev", 4) == 0)
            continue;
        if (strcmp(paths[count], "/") == 0 || umount2(paths[count], UMOUNT_NOFOLLOW) != 0)
            mount(NULL, paths[count], NULL, MS_REMOUNT | MS_RDONLY, NULL);
    }
}

static _Noreturn void end_vm(uint8_t intent, uint8_t power_off) {
    facts_settle();
    facts_intent(intent);
    facts_end();
    reboot(power_off == IGN_POWER_OFF_ACPI && intent != IGN_INTENT_REBOOT ? RB_POWER_OFF : RB_AUTOBOOT);
    reboot(RB_AUTOBOOT);
    for (;;)
        pause();
}

_Noreturn void ending_finish(uint8_t intent, uint8_t power_off) {
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    unmount_all("/");
    sync();
    end_vm(intent, power_off);
}

void ending_install(const char *program, uint8_t power_off) {
    size_t length;
    uint8_t *bytes = read_file(program, 64u << 20, &length);
    make_directories(INITRAMFS, 0755);
    if (bytes == NULL || !write_file(INITRAMFS "/shutdown", bytes, length, 0755))
        facts_note("root", "The shutdown hook could not be written");
    free(bytes);
    write_file(INITRAMFS POWER_OFF_FILE, power_off == IGN_POWER_OFF_ACPI ? "acpi" : "reset", 5, 0644);
}

static uint8_t intent_of(const char *verb) {
    if (strcmp(verb, "poweroff") == 0)
        return IGN_INTENT_POWEROFF;
    if (strcmp(verb, "halt") == 0)
        return IGN_INTENT_HALT;
    return strcmp(verb, "reboot") == 0 || strcmp(verb, "kexec") == 0 ? IGN_INTENT_REBOOT : IGN_INTENT_UNKNOWN;
}

_Noreturn void ending_systemd(const char *verb) {
    char how[16] = "";
    read_line(POWER_OFF_FILE, how, sizeof how);
    kill(-1, SIGKILL); /* the agent, and whatever systemd spared */
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    unmount_all("/oldroot");
    sync();
    channels_find(""); /* systemd has made the folder the root */
    end_vm(intent_of(verb), strncmp(how, "acpi", 4) == 0 ? IGN_POWER_OFF_ACPI : IGN_POWER_OFF_RESET);
}
