/* What a stream was opened for, read from OPEN. */
#include "request.h"
#include "tlv.h"
#include <stdlib.h>

static bool set(char **target, const struct tlv *record) {
    free(*target);
    *target = tlv_text(record);
    return *target != NULL;
}

static bool add(struct texts *texts, const struct tlv *record) {
    char *text = tlv_text(record);
    if (texts_add(texts, text))
        return true;
    free(text);
    return false;
}

static bool take(struct request *request, const struct tlv *record) {
    switch (record->tag) {
    case IGN_TAG_KIND: request->kind = (uint8_t)tlv_number(record); return true;
    case IGN_TAG_ARG: return add(&request->argv, record);
    case IGN_TAG_ENV: return add(&request->env, record);
    case IGN_TAG_CWD: return set(&request->cwd, record);
    case IGN_TAG_USER: return set(&request->user, record);
    case IGN_TAG_PATH: return set(&request->path, record);
    case IGN_TAG_TERM: return set(&request->term, record);
    case IGN_TAG_TTY: request->tty = tlv_number(record) != 0; return true;
    case IGN_TAG_ROWS: request->rows = (uint16_t)tlv_number(record); return true;
    case IGN_TAG_COLUMNS: request->columns = (uint16_t)tlv_number(record); return true;
    case IGN_TAG_DETACHED: request->detached = tlv_number(record) != 0; return true;
    case IGN_TAG_FOLLOW: request->follow = tlv_number(record) != 0; return true;
    case IGN_TAG_KEEP_OWNER: request->keep_owner = tlv_number(record) != 0; return true;
    default: return true;
    }
}

bool request_parse(struct request *request, const uint8_t *bytes, size_t length) {
    *request = (struct request){0};
    struct tlv_reader reader = tlv_read(bytes, length);
    struct tlv record;
    int got;
    while ((got = tlv_next(&reader, &record)) == 1)
        if (!take(request, &record))
            return false;
    if (got < 0)
        return false;
    switch (request->kind) {
    case IGN_OPEN_KIND_EXEC: return request->argv.count > 0;
    case IGN_OPEN_KIND_GET:
    case IGN_OPEN_KIND_PUT:
    case IGN_OPEN_KIND_STAT: return request->path != NULL;
    default: return request->kind == IGN_OPEN_KIND_ATTACH;
    }
}

void request_free(struct request *request) {
    texts_free(&request->argv);
    texts_free(&request->env);
    free(request->cwd);
    free(request->user);
    free(request->path);
    free(request->term);
    *request = (struct request){0};
}
