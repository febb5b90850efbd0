/* Users and groups by the files of the guest: /etc/passwd(5) and /etc/group(5), without any library's name service. */
#ifndef IGNITE_USERS_H
#define IGNITE_USERS_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MOST_GROUPS 64

struct user {
    uid_t uid;
    gid_t gid;
    gid_t groups[MOST_GROUPS];
    size_t group_count;
    char home[256];
};

/* Looks up `user[:group]`, names or numbers, in the texts of passwd and group (NULL: no such file).
 * False: a name that is not there. The rules are Docker's: a number needs no entry; a given group replaces the
 * supplementary ones. */
bool users_resolve(const char *words, const char *passwd, const char *group, struct user *user);
/* The same with the guest's files. */
bool users_find(const char *words, struct user *user);
/* Becomes that user for good; false where the kernel refuses. */
bool users_become(const struct user *user);
#endif
