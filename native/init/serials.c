#include "serials.h"
#include <ignite_protocol.h>
#include <stdio.h>
#include <string.h>

#define MOST_SERIALS 32
/* A virtio block device returns at most 20 bytes (virtio 1.2, VIRTIO_BLK_T_GET_ID). */
#define SERIAL_SIZE 21

static struct {
    uint32_t index;
    char text[SERIAL_SIZE];
} known[MOST_SERIALS];
static size_t count;

bool serials_know(uint32_t index, const char *serial) {
    if (count == MOST_SERIALS || strlen(serial) >= SERIAL_SIZE || strchr(serial, ',') != NULL)
        return false;
    known[count].index = index;
    strcpy(known[count++].text, serial);
    return true;
}

void serials_of(uint32_t index, char *text, size_t size) {
    snprintf(text, size, "%s%u", IGN_NAME_DRIVE_SERIAL, index);
    for (size_t i = 0; i < count; i++)
        if (known[i].index == index)
            snprintf(text, size, "%s", known[i].text);
}

char *serials_text(void) {
    char text[MOST_SERIALS * (SERIAL_SIZE + 12)] = "";
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%u=%s,", known[i].index, known[i].text);
    return strdup(text);
}

void serials_take(const char *text) {
    uint32_t index;
    char serial[SERIAL_SIZE];
    for (int used; sscanf(text, "%u=%20[^,],%n", &index, serial, &used) == 2; text += used)
        if (!serials_know(index, serial))
            return;
}
