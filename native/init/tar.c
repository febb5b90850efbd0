/* Tar headers: ustar (POSIX.1-1988) with PAX records (POSIX.1-2001) where needed; GNU long names are read. */
#include "tar.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ustar { /* POSIX.1-1988, 10.1.1 */
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct ustar) == TAR_BLOCK, "a tar header is one block");

#define OCTAL_LIMIT_8 (1u << 21)
#define OCTAL_LIMIT_12 (1ull << 33)

/* Octal text, or GNU's base 256 where the first bit is set. */
static bool number(const char *field, size_t length, uint64_t *value) {
    const uint8_t *at = (const uint8_t *)field;
    *value = 0;
    if (at[0] & 0x80) {
        *value = at[0] & 0x3f; /* negative numbers (second bit) are not taken */
        if (at[0] & 0x40)
            return false;
        for (size_t i = 1; i < length; i++) {
            if (*value >> 56 != 0)
                return false;
            *value = *value << 8 | at[i];
        }
        return *value <= INT64_MAX;
    }
    size_t i = 0;
    while (i < length && at[i] == ' ')
        i++;
    for (; i < length && at[i] >= '0' && at[i] <= '7'; i++)
        *value = *value << 3 | (uint64_t)(at[i] - '0');
    return i == length || at[i] == 0 || at[i] == ' ';
}

static uint32_t checksum(const uint8_t *block) {
    uint32_t sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= offsetof(struct ustar, checksum) && i < offsetof(struct ustar, type) ? ' ' : block[i];
    return sum;
}

static bool all_zero(const uint8_t *block) {
    for (size_t i = 0; i < TAR_BLOCK; i++)
        if (block[i] != 0)
            return false;
    return true;
}

static bool number_32(const char *field, size_t length, uint32_t *value) {
    uint64_t wide;
    bool ok = number(field, length, &wide) && wide <= UINT32_MAX;
    *value = ok ? (uint32_t)wide : 0;
    return ok;
}

int tar_decode(const uint8_t *block, struct tar_entry *entry) {
    const struct ustar *header = (const struct ustar *)block;
    uint64_t sum, mtime;
    if (all_zero(block))
        return 0;
    if (!number(header->checksum, sizeof header->checksum, &sum) || sum != checksum(block))
        return -1;
    entry->type = header->type == 0 || header->type == '7' ? '0' : header->type;
    bool ustar = memcmp(header->magic, "ustar", 5) == 0;
    if (ustar && header->magic[5] == 0 && header->prefix[0] != 0)
        snprintf(entry->path, sizeof entry->path, "%.155s/%.100s", header->prefix, header->name);
    else
        snprintf(entry->path, sizeof entry->path, "%.100s", header->name);
    snprintf(entry->link, sizeof entry->link, "%.100s", header->link);
    bool ok = number(header->size, sizeof header->size, &entry->size) &&
              number(header->mtime, sizeof header->mtime, &mtime) &&
              number_32(header->mode, sizeof header->mode, &entry->mode) &&
              number_32(header->uid, sizeof header->uid, &entry->uid) &&
              number_32(header->gid, sizeof header->gid, &entry->gid);
    if (!ok || entry->size > INT64_MAX - TAR_BLOCK)
        return -1;
    entry->mtime = (int64_t)mtime;
    entry->mode &= 07777;
    entry->major = entry->minor = 0;
    if (entry->type == '3' || entry->type == '4')
        if (!number_32(header->major, sizeof header->major, &entry->major) ||
            !number_32(header->minor, sizeof header->minor, &entry->minor))
            return -1;
    if (entry->type >= '1' && entry->type <= '6')
        entry->size = 0; /* these have no content, whatever the field says */
    return 1;
}

static bool set_text(char *target, const char *value, size_t length) {
    if (length >= TAR_TEXT || memchr(value, 0, length) != NULL)
        return false;
    memcpy(target, value, length);
    target[length] = 0;
    return true;
}

static bool decimal(const char *value, size_t length, uint64_t *result) {
    *result = 0;
    if (length == 0 || length > 18)
        return false;
    for (size_t i = 0; i < length && value[i] != '.'; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        *result = *result * 10 + (uint64_t)(value[i] - '0');
    }
    return true;
}

static bool take_pair(struct tar_extended *extended, const char *key, size_t key_length, const char *value,
                      size_t length) {
    struct tar_entry *values = &extended->values;
    uint64_t count;
#define IS(word) (key_length == sizeof word - 1 && memcmp(key, word, sizeof word - 1) == 0)
    if (IS("path"))
        return extended->has_path = set_text(values->path, value, length);
    if (IS("linkpath"))
        return extended->has_link = set_text(values->link, value, length);
    if (IS("mtime")) { /* fractions are cut; a time before 1970 is left to the header */
        if ((extended->has_mtime = decimal(value, length > 18 ? 18 : length, &count)))
            values->mtime = (int64_t)count;
        return true;
    }
    if (!IS("size") && !IS("uid") && !IS("gid"))
        return true;
    if (!decimal(value, length, &count))
        return false;
    if (IS("size")) {
        extended->has_size = true;
        values->size = count;
    } else if (IS("uid")) {
        extended->has_uid = true;
        values->uid = (uint32_t)count;
    } else {
        extended->has_gid = true;
        values->gid = (uint32_t)count;
    }
#undef IS
    return true;
}

/* Records "LENGTH KEY=VALUE\n", LENGTH counting all of it. */
static bool take_pax(struct tar_extended *extended, const char *at, size_t left) {
    while (left > 0) {
        size_t length = 0, digits = 0;
        while (digits < left && digits < 7 && at[digits] >= '0' && at[digits] <= '9')
            length = length * 10 + (size_t)(at[digits++] - '0');
        if (digits == 0 || digits >= left || at[digits] != ' ' || length > left || length < digits + 3 ||
            at[length - 1] != '\n')
            return false;
        const char *key = at + digits + 1, *end = at + length - 1;
        const char *equals = memchr(key, '=', (size_t)(end - key));
        if (equals == NULL ||
            !take_pair(extended, key, (size_t)(equals - key), equals + 1, (size_t)(end - equals - 1)))
            return false;
        at += length;
        left -= length;
    }
    return true;
}

bool tar_take_extended(struct tar_extended *extended, char type, const uint8_t *bytes, size_t length) {
    const char *text = (const char *)bytes;
    if (type == 'x')
        return take_pax(extended, text, length);
    length = strnlen(text, length);
    if (type == 'L')
        return extended->has_path = set_text(extended->values.path, text, length);
    return type == 'K' && (extended->has_link = set_text(extended->values.link, text, length));
}

void tar_apply_extended(struct tar_extended *extended, struct tar_entry *entry) {
    const struct tar_entry *values = &extended->values;
    if (extended->has_path)
        memcpy(entry->path, values->path, sizeof entry->path);
    if (extended->has_link)
        memcpy(entry->link, values->link, sizeof entry->link);
    if (extended->has_size && entry->type == '0')
        entry->size = values->size;
    if (extended->has_uid)
        entry->uid = values->uid;
    if (extended->has_gid)
        entry->gid = values->gid;
    if (extended->has_mtime)
        entry->mtime = values->mtime;
    extended->has_path = extended->has_link = extended->has_size = false;
    extended->has_uid = extended->has_gid = extended->has_mtime = false;
}

static void octal(char *field, size_t length, uint64_t value) {
    for (size_t i = length - 1; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
    field[length - 1] = 0;
}

static void write_header(uint8_t *block, const struct tar_entry *entry) {
    struct ustar *header = (struct ustar *)block;
    memset(block, 0, TAR_BLOCK);
    memcpy(header->name, entry->path, strnlen(entry->path, sizeof header->name));
    memcpy(header->link, entry->link, strnlen(entry->link, sizeof header->link));
    octal(header->mode, sizeof header->mode, entry->mode);
    octal(header->uid, sizeof header->uid, entry->uid < OCTAL_LIMIT_8 ? entry->uid : 0);
    octal(header->gid, sizeof header->gid, entry->gid < OCTAL_LIMIT_8 ? entry->gid : 0);
    octal(header->size, sizeof header->size, entry->size < OCTAL_LIMIT_12 ? entry->size : 0);
    octal(header->mtime, sizeof header->mtime, entry->mtime < 0 ? 0 : (uint64_t)entry->mtime);
    octal(header->major, sizeof header->major, entry->major);
    octal(header->minor, sizeof header->minor, entry->minor);
    header->type = entry->type;
    memcpy(header->magic, "ustar", 6);
    memcpy(header->version, "00", 2);
    octal(header->checksum, 7, checksum(block));
    header->checksum[7] = ' ';
}

static size_t digits_of(size_t value) {
    size_t count = 1;
    while (value >= 10) {
        value /= 10;
        count++;
    }
    return count;
}

static size_t add_pair(uint8_t *at, const char *key, const char *value) {
    size_t rest = strlen(key) + strlen(value) + 3, length = rest + digits_of(rest);
    if (digits_of(length) != digits_of(rest))
        length = rest + digits_of(length);
    return (size_t)sprintf((char *)at, "%zu %s=%s\n", length, key, value);
}

static size_t add_number(uint8_t *at, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return add_pair(at, key, text);
}

static size_t pax_pairs(const struct tar_entry *entry, uint8_t *at) {
    size_t length = 0;
    if (strlen(entry->path) > sizeof ((struct ustar *)0)->name)
        length += add_pair(at + length, "path", entry->path);
    if (strlen(entry->link) > sizeof ((struct ustar *)0)->link)
        length += add_pair(at + length, "linkpath", entry->link);
    if (entry->size >= OCTAL_LIMIT_12)
        length += add_number(at + length, "size", entry->size);
    if (entry->uid >= OCTAL_LIMIT_8)
        length += add_number(at + length, "uid", entry->uid);
    if (entry->gid >= OCTAL_LIMIT_8)
        length += add_number(at + length, "gid", entry->gid);
    return length;
}

size_t tar_encode(const struct tar_entry *entry, uint8_t *blocks) {
    uint8_t *at = blocks;
    size_t pairs = pax_pairs(entry, blocks + TAR_BLOCK);
    if (pairs > 0) {
        struct tar_entry pax = {.type = 'x', .path = "PaxHeader", .size = pairs, .mode = 0644};
        write_header(blocks, &pax);
        size_t padded = (size_t)tar_padded(pairs);
        memset(blocks + TAR_BLOCK + pairs, 0, padded - pairs);
        at += TAR_BLOCK + padded;
    }
    write_header(at, entry);
    return (size_t)(at + TAR_BLOCK - blocks);
}

uint64_t tar_padded(uint64_t size) {
    return (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

int tar_component(const char **rest, char *component) {
    for (;;) {
        *rest += strspn(*rest, "/");
        size_t length = strcspn(*rest, "/");
        if (length == 0)
            return 0;
        if (length > 255 || (length == 2 && memcmp(*rest, "..", 2) == 0))
            return -1;
        memcpy(component, *rest, length);
        component[length] = 0;
        *rest += length;
        if (strcmp(component, ".") != 0)
            return 1;
    }
}
