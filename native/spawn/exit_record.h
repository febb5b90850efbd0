/* exit.json: how a VM ended, written by the supervisor alone (engine/src/supervisor/port.ts, ExitRecord). */
#ifndef SPAWN_EXIT_RECORD_H
#define SPAWN_EXIT_RECORD_H
#include "supervisor.h"
#include "text.h"

/* Reserves the blocks of the record in a temporary file, so that a disk that fills up later cannot lose the exit code. */
bool exit_record_reserve(struct supervisor *s);
/* Removes the record of the boot before: from now on exit.json speaks of this boot or is not there. */
void exit_record_forget_old(struct supervisor *s);
/* Writes the JSON object. */
void exit_record_write(const struct supervisor *s, struct text *text);
/* Puts the record into its place: fsync, rename, fsync of the directory. */
void exit_record_commit(struct supervisor *s);
/* Undoes the reservation. */
void exit_record_release(struct supervisor *s);

#endif
