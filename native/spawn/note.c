/* Reasons of a failed start, and notes that the status line carries. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "status.h"
#include "supervisor.h"

bool fail(struct supervisor *s, const char *stage, const char *format, ...) {
    va_list arguments;
    int length = snprintf(s->failure, sizeof s->failure, "%s: ", stage);
    va_start(arguments, format);
    vsnprintf(s->failure + length, sizeof s->failure - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

void note(struct supervisor *s, const char *stage, const char *format, ...) {
    struct facts_note made = {0};
    va_list arguments;
    made.stage.length = strnlen(stage, FACTS_WORD_MAX);
    memcpy(made.stage.bytes, stage, made.stage.length);
    va_start(arguments, format);
    vsnprintf(made.text, sizeof made.text, format, arguments);
    va_end(arguments);
    made.text_length = strlen(made.text);
    status_add_note(s, &made);
}
