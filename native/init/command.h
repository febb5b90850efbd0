/* Starting a command in a child: its terminal or pipes, folder, user, and the search for its program. */
#ifndef IGNITE_COMMAND_H
#define IGNITE_COMMAND_H
#include "config.h"
#include <stdbool.h>
#include <sys/types.h>

struct command {
    struct texts argv;
    struct texts env;
    const char *workdir;
    const char *user;
    /* The working folder is made where it is missing (the main process), or that is an error (exec). */
    bool make_workdir;
    /* Descriptors that become 0, 1, 2. */
    int stdio[3];
    /* stdio is the slave of a terminal, which becomes the controlling one. */
    bool tty;
};

/* What a child says over its close-on-exec pipe before it gives up. No bytes at all: the program runs. */
struct report {
    uint8_t what; /* 0: facts of a file follow, else enum failure */
    int32_t error;
    uint8_t file_kind;
    uint32_t file_mode;
    uint64_t file_size;
    char text[256];
};

enum failure { FAILURE_NONE, NOT_FOUND, NOT_EXECUTABLE, NO_USER, NO_DIRECTORY, BAD_ARCHIVE, OTHER_FAILURE };

/* In the child, as its last act: becomes the command, or reports on `report_fd` and exits with 126 or 127. */
_Noreturn void command_run(struct command *command, int report_fd);
/* Sends a report; the child goes on. */
void report_send(int report_fd, const struct report *report);
_Noreturn void report_failure(int report_fd, enum failure what, int error, const char *text);
/* Takes the child's signals back to their defaults and unblocks them. */
void command_reset_signals(void);
#endif
