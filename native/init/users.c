/* Users and groups by the files of the guest. */
#include "users.h"
#include "util.h"
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_FIELDS 7
#define FILE_LIMIT (4u << 20)

struct field {
    const char *text;
    size_t length;
};

static bool same(struct field field, const char *text, size_t length) {
    return field.length == length && memcmp(field.text, text, length) == 0;
}

/* Cuts the line at *rest into fields at ':' and moves on; 0 at the end of the text. */
static size_t next_line(const char **rest, struct field *fields) {
    size_t count = 0;
    if (*rest == NULL || **rest == 0)
        return 0;
    size_t length = strcspn(*rest, "\n");
    const char *at = *rest, *end = at + length;
    while (count < MOST_FIELDS) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *stop = colon == NULL || count == MOST_FIELDS - 1 ? end : colon;
        fields[count++] = (struct field){at, (size_t)(stop - at)};
        if (stop == end)
            break;
        at = stop + 1;
    }
    *rest = *end == 0 ? end : end + 1;
    return count;
}

static bool number(const char *text, size_t length, unsigned long *value) {
    char digits[12];
    if (length == 0 || length >= sizeof digits || strspn(text, "0123456789") < length)
        return false;
    memcpy(digits, text, length);
    digits[length] = 0;
    *value = strtoul(digits, NULL, 10);
    return *value < 0xffffffffUL;
}

static bool find_user(const char *word, size_t length, const char *passwd, struct user *user, struct field *name) {
    unsigned long wanted = 0, uid, gid;
    bool numeric = number(word, length, &wanted);
    struct field fields[MOST_FIELDS];
    size_t count;
    for (const char *rest = passwd; (count = next_line(&rest, fields)) > 0;) {
        if (count < 6 || !number(fields[2].text, fields[2].length, &uid) ||
            !number(fields[3].text, fields[3].length, &gid))
            continue;
        if (!same(fields[0], word, length) && !(numeric && uid == wanted))
            continue;
        *name = fields[0];
        user->uid = (uid_t)uid;
        user->gid = (gid_t)gid;
        snprintf(user->home, sizeof user->home, "%.*s", (int)fields[5].length, fields[5].text);
        return true;
    }
    user->uid = (uid_t)wanted;
    return numeric;
}

static bool find_group(const char *word, const char *group, gid_t *gid) {
    unsigned long value;
    size_t length = strlen(word), count;
    struct field fields[MOST_FIELDS];
    for (const char *rest = group; (count = next_line(&rest, fields)) > 0;) {
        if (count >= 3 && same(fields[0], word, length) && number(fields[2].text, fields[2].length, &value)) {
            *gid = (gid_t)value;
            return true;
        }
    }
    if (!number(word, length, &value))
        return false;
    *gid = (gid_t)value;
    return true;
}

static bool lists_member(struct field members, struct field name) {
    const char *at = members.text, *end = at + members.length;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma == NULL ? end : comma;
        if (same((struct field){at, (size_t)(stop - at)}, name.text, name.length))
            return true;
        at = stop + 1;
    }
    return false;
}

static void add_groups(struct user *user, const char *group, struct field name) {
    struct field fields[MOST_FIELDS];
    unsigned long value;
    size_t count;
    for (const char *rest = group; (count = next_line(&rest, fields)) > 0;) {
        if (count < 4 || user->group_count == MOST_GROUPS || !lists_member(fields[3], name))
            continue;
        if (number(fields[2].text, fields[2].length, &value))
            user->groups[user->group_count++] = (gid_t)value;
    }
}

bool users_resolve(const char *words, const char *passwd, const char *group, struct user *user) {
    *user = (struct user){.home = "/"};
    if (words == NULL || *words == 0)
        words = "0";
    const char *colon = strchr(words, ':');
    size_t length = colon == NULL ? strlen(words) : (size_t)(colon - words);
    struct field name = {"", 0};
    if (length == 0) {
        words = "0";
        length = 1;
    }
    if (!find_user(words, length, passwd, user, &name))
        return false;
    if (user->uid == 0 && strcmp(user->home, "/") == 0 && passwd == NULL)
        snprintf(user->home, sizeof user->home, "/root");
    if (colon != NULL && colon[1] != 0)
        return find_group(colon + 1, group, &user->gid);
    if (name.length > 0)
        add_groups(user, group, name);
    return true;
}

bool users_find(const char *words, struct user *user) {
    size_t length;
    char *passwd = (char *)read_file("/etc/passwd", FILE_LIMIT, &length);
    char *group = (char *)read_file("/etc/group", FILE_LIMIT, &length);
    bool found = users_resolve(words, passwd, group, user);
    free(passwd);
    free(group);
    return found;
}

bool users_become(const struct user *user) {
    return setgroups(user->group_count, user->groups) == 0 && setgid(user->gid) == 0 && setuid(user->uid) == 0;
}
