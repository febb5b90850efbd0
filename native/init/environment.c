/* The environment of a command: what was given, and Docker's defaults for what was not. */
#include "environment.h"
#include "util.h"
#include <stdlib.h>
#include <string.h>

static size_t find(const struct texts *env, const char *name, size_t length) {
    size_t i = 0;
    while (i < env->count && (strncmp(env->items[i], name, length) != 0 || env->items[i][length] != '='))
        i++;
    return i;
}

const char *environment_get(const struct texts *env, const char *name) {
    size_t length = strlen(name), at = find(env, name, length);
    return at == env->count ? NULL : env->items[at] + length + 1;
}

void environment_set(struct texts *env, const char *assignment) {
    char *copy = strdup(assignment);
    size_t at = find(env, assignment, strcspn(assignment, "="));
    if (at == env->count) {
        if (!texts_add(env, copy))
            free(copy);
    } else if (copy != NULL) {
        free(env->items[at]);
        env->items[at] = copy;
    }
}

void environment_default(struct texts *env, const char *name, const char *value) {
    if (environment_get(env, name) != NULL)
        return;
    char *assignment = format("%s=%s", name, value);
    if (!texts_add(env, assignment))
        free(assignment);
}
