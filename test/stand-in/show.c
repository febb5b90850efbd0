#include "show.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show_fds(void) {
    DIR *folder = opendir("/proc/self/fd");
    printf("fds:");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder)) printf(" %s", entry->d_name);
    printf("\n");
    if (folder != NULL) closedir(folder);
}

static void show_status(void) {
    char line[512];
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "NoNewPrivs", 10) == 0 || strncmp(line, "Sig", 3) == 0 || strncmp(line, "Umask", 5) == 0 ||
            strncmp(line, "CapEff", 6) == 0 || strncmp(line, "NSpid", 5) == 0)
            printf("%s", line);
    if (file != NULL) fclose(file);
}

static void show_root(void) {
    DIR *folder = opendir("/");
    printf("root:");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.') printf(" %s", entry->d_name);
    printf("\nwritable: %s\n", open("/new-file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? "yes" : "no");
    if (folder != NULL) closedir(folder);
}

/* What a VMM does that takes a terminal for its console: its input waits no more. */
static void show_terminal(void) {
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    printf("terminal: %s, output %s\n", isatty(STDIN_FILENO) ? "yes" : "no",
           fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK ? "does not wait" : "waits");
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) & ~O_NONBLOCK);
}

void show(const char *what) {
    if (strcmp(what, "uid") == 0) printf("uid: %d gid: %d groups: %d pid: %d\n", getuid(), getgid(), getgroups(0, NULL), getpid());
    else if (strcmp(what, "fds") == 0) show_fds();
    else if (strcmp(what, "status") == 0) show_status();
    else if (strcmp(what, "root") == 0) show_root();
    else if (strcmp(what, "terminal") == 0) show_terminal();
    fflush(stdout);
}
