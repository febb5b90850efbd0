/* get, put and stat: files of the guest as tar streams over descriptors 0 and 1, failures in words on 2. Each runs in
 * a child of its own and ends with it. */
#ifndef IGNITE_COPY_H
#define IGNITE_COPY_H
#include <stdbool.h>

/* A tar of `path` (named by its last component). */
_Noreturn void copy_get(const char *path, bool follow, int report_fd);
/* Unpacks a tar below the folder `path`. */
_Noreturn void copy_put(const char *path, bool keep_owner, int report_fd);
/* Unpacks a tar into the root of a guest in which nothing runs yet; ends with 0 when all of it is there. */
_Noreturn void copy_seed(void);
/* Reports kind, mode and size of `path`. */
_Noreturn void copy_stat(const char *path, bool follow, int report_fd);
#endif
