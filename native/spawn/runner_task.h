/* One program of the runner: its input as it arrives, its start, and our ends of its outputs. */
#ifndef SPAWN_RUNNER_TASK_H
#define SPAWN_RUNNER_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner_frames.h"

struct runner_task {
    bool used;
    bool started;
    bool reaped;
    uint32_t id;
    pid_t pid;
    int status;
    int input;     /* a memory file, or -1 */
    int short_of;  /* the errno that kept its stdin from being stored */
    int output[2]; /* our ends of stdout and stderr, -1 at their end */
};

/* Keeps bytes for its stdin; what cannot be stored keeps the program from being started. False once it runs. */
bool runner_task_input(struct runner_task *task, const uint8_t *bytes, size_t length);

/* Starts it: 0, or the errno that kept it from being started; -1: `said` tells what kept it out of its namespace. */
int runner_task_start(struct runner_task *task, const struct runner_request *request, char *said, size_t size);

/* Closes what is open of it, and gives its place away. */
void runner_task_forget(struct runner_task *task);

/* Closes a descriptor that is open, and marks it as closed by -1. */
void runner_close(int *fd);

#endif
