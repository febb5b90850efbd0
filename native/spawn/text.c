#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void text_begin(struct text *text, char *data, size_t size) {
    *text = (struct text){.data = data, .size = size};
    data[0] = '\0';
}

void text_add(struct text *text, const char *format, ...) {
    va_list arguments;
    size_t room = text->size - text->length;
    va_start(arguments, format);
    int wanted = vsnprintf(text->data + text->length, room, format, arguments);
    va_end(arguments);
    if (wanted < 0) return;
    if ((size_t)wanted >= room) {
        text->full = true;
        text->length = text->size - 1;
    } else {
        text->length += (size_t)wanted;
    }
}

/* Bytes of the well-formed UTF-8 sequence at `bytes` (RFC 3629, section 4), 0 where there is none. */
static size_t utf8_length(const uint8_t *bytes, size_t length) {
    uint8_t first = bytes[0];
    if (first < 0x80) return 1;
    size_t wanted = first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
    if (wanted == 0 || wanted > length) return 0;
    for (size_t i = 1; i < wanted; i++)
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    if (first == 0xE0 && bytes[1] < 0xA0) return 0; /* overlong */
    if (first == 0xED && bytes[1] > 0x9F) return 0; /* surrogate */
    if (first == 0xF0 && bytes[1] < 0x90) return 0; /* overlong */
    if (first == 0xF4 && bytes[1] > 0x8F) return 0; /* above U+10FFFF */
    return wanted;
}

void text_add_json(struct text *text, const char *bytes, size_t length) {
    text_add(text, "\"");
    for (size_t i = 0; i < length;) {
        const uint8_t *at = (const uint8_t *)bytes + i;
        size_t size = utf8_length(at, length - i);
        if (size == 0) text_add(text, "\\ufffd");
        else if (*at == '"' || *at == '\\') text_add(text, "\\%c", *at);
        else if (*at < 0x20 || *at == 0x7F) text_add(text, "\\u%04x", *at);
        else text_add(text, "%.*s", (int)size, (const char *)at);
        i += size == 0 ? 1 : size;
    }
    text_add(text, "\"");
}
