/* Reads the guest configuration. Unknown tags are skipped, so that an older ignite-init takes a newer daemon's. */
#include "config.h"
#include "serials.h"
#include "tlv.h"
#include <stdlib.h>
#include <string.h>

#define MOST_ITEMS 65536u

bool texts_add(struct texts *texts, char *text) {
    if (text == NULL || texts->count >= MOST_ITEMS)
        return false;
    if ((texts->count & (texts->count + 1)) == 0) { /* grow at 0, 1, 3, 7, … */
        char **grown = realloc(texts->items, (texts->count * 2 + 2) * sizeof *grown);
        if (grown == NULL)
            return false;
        texts->items = grown;
    }
    texts->items[texts->count++] = text;
    texts->items[texts->count] = NULL;
    return true;
}

void texts_free(struct texts *texts) {
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct texts){0};
}

static bool set_text(char **target, const struct tlv *record) {
    free(*target);
    *target = tlv_text(record);
    return *target != NULL;
}

static bool add_text(struct texts *texts, const struct tlv *record) {
    char *text = tlv_text(record);
    if (texts_add(texts, text))
        return true;
    free(text);
    return false;
}

/* Room for one more element of `size` bytes, zeroed; NULL without memory. */
static void *grow(void **items, size_t *count, size_t size) {
    if (*count >= MOST_ITEMS)
        return NULL;
    char *grown = realloc(*items, (*count + 1) * size);
    if (grown == NULL)
        return NULL;
    *items = grown;
    void *item = grown + *count * size;
    memset(item, 0, size);
    (*count)++;
    return item;
}

static bool parse_nic(struct config *config, const struct tlv *outer) {
    void *items = config->nics;
    struct nic_config *nic = grow(&items, &config->nic_count, sizeof *nic);
    config->nics = items;
    struct tlv_reader reader = tlv_read(outer->value, outer->length);
    struct tlv record;
    int got = -1;
    while (nic != NULL && (got = tlv_next(&reader, &record)) == 1) {
        bool ok = true;
        switch (record.tag) {
        case IGN_NIC_MAC:
            ok = record.length == sizeof nic->mac;
            if (ok)
                memcpy(nic->mac, record.value, sizeof nic->mac);
            break;
        case IGN_NIC_ADDRESS: ok = set_text(&nic->address, &record); break;
        case IGN_NIC_GATEWAY: ok = set_text(&nic->gateway, &record); break;
        case IGN_NIC_ROUTE: ok = add_text(&nic->routes, &record); break;
        case IGN_NIC_FURTHER: ok = add_text(&nic->further, &record); break;
        case IGN_NIC_PREFIX: nic->prefix = (uint8_t)tlv_number(&record); break;
        case IGN_NIC_MTU: nic->mtu = (uint32_t)tlv_number(&record); break;
        }
        if (!ok)
            return false;
    }
    return got == 0;
}

static char **mount_text(struct mount_config *mount, uint16_t tag) {
    switch (tag) {
    case IGN_MOUNT_TYPE: return &mount->type;
    case IGN_MOUNT_SOURCE: return &mount->source;
    case IGN_MOUNT_OPTIONS: return &mount->options;
    default: return &mount->path;
    }
}

static bool parse_mount(struct config *config, const struct tlv *outer) {
    void *items = config->mounts;
    struct mount_config *mount = grow(&items, &config->mount_count, sizeof *mount);
    config->mounts = items;
    struct tlv_reader reader = tlv_read(outer->value, outer->length);
    struct tlv record;
    int got = -1;
    while (mount != NULL && (got = tlv_next(&reader, &record)) == 1) {
        switch (record.tag) {
        case IGN_MOUNT_DRIVE: mount->drive = (uint32_t)tlv_number(&record); break;
        case IGN_MOUNT_READ_ONLY: mount->read_only = tlv_number(&record) != 0; break;
        case IGN_MOUNT_EXEC: mount->exec = tlv_number(&record) != 0; break;
        case IGN_MOUNT_PATH:
        case IGN_MOUNT_TYPE:
        case IGN_MOUNT_SOURCE:
        case IGN_MOUNT_OPTIONS:
            if (!set_text(mount_text(mount, record.tag), &record))
                return false;
            break;
        }
    }
    return got == 0 && mount->path != NULL;
}

static bool parse_serial(const struct tlv *outer) {
    struct tlv_reader reader = tlv_read(outer->value, outer->length);
    struct tlv record;
    uint32_t drive = NO_DRIVE;
    char *serial = NULL;
    bool ok = true;
    int got;
    while (ok && (got = tlv_next(&reader, &record)) == 1) {
        if (record.tag == IGN_SERIAL_DRIVE)
            drive = (uint32_t)tlv_number(&record);
        if (record.tag == IGN_SERIAL_TEXT)
            ok = set_text(&serial, &record);
    }
    ok = ok && got == 0 && serial != NULL && serials_know(drive, serial);
    free(serial);
    return ok;
}

static bool parse_file(struct config *config, const struct tlv *outer) {
    void *items = config->files;
    struct file_config *file = grow(&items, &config->file_count, sizeof *file);
    config->files = items;
    struct tlv_reader reader = tlv_read(outer->value, outer->length);
    struct tlv record;
    int got = -1;
    while (file != NULL && (got = tlv_next(&reader, &record)) == 1) {
        switch (record.tag) {
        case IGN_FILE_PATH:
            if (!set_text(&file->path, &record))
                return false;
            break;
        case IGN_FILE_MODE: file->mode = (uint32_t)tlv_number(&record); break;
        case IGN_FILE_UID: file->uid = (uint32_t)tlv_number(&record); break;
        case IGN_FILE_GID: file->gid = (uint32_t)tlv_number(&record); break;
        case IGN_FILE_KIND: file->kind = (uint8_t)tlv_number(&record); break;
        case IGN_FILE_CONTENT:
            file->content = record.value;
            file->length = record.length;
            break;
        }
    }
    return got == 0 && file->path != NULL;
}

static bool parse_app(struct app_config *app, const struct tlv *outer) {
    struct tlv_reader reader = tlv_read(outer->value, outer->length);
    struct tlv record;
    int got;
    while ((got = tlv_next(&reader, &record)) == 1) {
        bool ok = true;
        switch (record.tag) {
        case IGN_APP_ARG: ok = add_text(&app->argv, &record); break;
        case IGN_APP_ENV: ok = add_text(&app->env, &record); break;
        case IGN_APP_WORKDIR: ok = set_text(&app->workdir, &record); break;
        case IGN_APP_USER: ok = set_text(&app->user, &record); break;
        case IGN_APP_TTY: app->tty = tlv_number(&record) != 0; break;
        case IGN_APP_STDIN: app->take_stdin = tlv_number(&record) != 0; break;
        case IGN_APP_STOP_SIGNAL: app->stop_signal = (uint8_t)tlv_number(&record); break;
        }
        if (!ok)
            return false;
    }
    return got == 0;
}

static bool parse_record(struct config *config, const struct tlv *record) {
    switch (record->tag) {
    case IGN_CONFIG_MODE: config->mode = (uint8_t)tlv_number(record); return true;
    case IGN_CONFIG_TOKEN:
        if (record->length != sizeof config->token)
            return false;
        memcpy(config->token, record->value, sizeof config->token);
        return true;
    case IGN_CONFIG_HOSTNAME: return set_text(&config->hostname, record);
    case IGN_CONFIG_MACHINE_ID: return set_text(&config->machine_id, record);
    case IGN_CONFIG_NIC: return parse_nic(config, record);
    case IGN_CONFIG_DNS: return add_text(&config->dns, record);
    case IGN_CONFIG_HOST: return add_text(&config->hosts, record);
    case IGN_CONFIG_ROOT_DRIVE: config->root_drive = (uint32_t)tlv_number(record); return true;
    case IGN_CONFIG_MODULES_DRIVE: config->modules_drive = (uint32_t)tlv_number(record); return true;
    case IGN_CONFIG_FILES_DRIVE: config->files_drive = (uint32_t)tlv_number(record); return true;
    case IGN_CONFIG_MOUNT: return parse_mount(config, record);
    case IGN_CONFIG_INIT: return set_text(&config->init, record);
    case IGN_CONFIG_INIT_KIND: config->init_kind = (uint8_t)tlv_number(record); return true;
    case IGN_CONFIG_APP: return parse_app(&config->app, record);
    case IGN_CONFIG_AUTHORIZED_KEY: return add_text(&config->keys, record);
    case IGN_CONFIG_FILE: return parse_file(config, record);
    case IGN_CONFIG_TIME: config->time = tlv_number(record); return true;
    case IGN_CONFIG_CHANNELS: config->channels = (uint8_t)tlv_number(record); return true;
    case IGN_CONFIG_SERIAL: return parse_serial(record);
    case IGN_CONFIG_POWER_OFF: config->power_off = (uint8_t)tlv_number(record); return true;
    default: return true;
    }
}

const char *config_parse(struct config *config, const uint8_t *bytes, size_t length) {
    *config = (struct config){.modules_drive = NO_DRIVE,
                              .files_drive = NO_DRIVE,
                              .power_off = IGN_POWER_OFF_RESET,
                              .channels = IGN_CHANNELS_PORTS};
    struct tlv_reader reader = tlv_read(bytes, length);
    struct tlv record;
    if (tlv_next(&reader, &record) != 1 || record.tag != IGN_CONFIG_VERSION)
        return "it does not begin with a version";
    if (tlv_number(&record) != IGN_VERSION_CONFIG)
        return "its version is not known here";
    int got;
    while ((got = tlv_next(&reader, &record)) == 1)
        if (!parse_record(config, &record))
            return "one of its records is malformed";
    if (got < 0)
        return "it is cut off";
    if (config->mode == IGN_MODE_APP)
        return config->app.argv.count == 0 ? "it names no command" : NULL;
    if (config->mode != IGN_MODE_SYSTEM)
        return "its mode is not known here";
    return config->init == NULL ? "it names no init" : NULL;
}

void config_free(struct config *config) {
    free(config->hostname);
    free(config->machine_id);
    free(config->init);
    free(config->app.workdir);
    free(config->app.user);
    texts_free(&config->dns);
    texts_free(&config->hosts);
    texts_free(&config->keys);
    texts_free(&config->app.argv);
    texts_free(&config->app.env);
    for (size_t i = 0; i < config->nic_count; i++) {
        free(config->nics[i].address);
        free(config->nics[i].gateway);
        texts_free(&config->nics[i].routes);
        texts_free(&config->nics[i].further);
    }
    for (size_t i = 0; i < config->mount_count; i++) {
        free(config->mounts[i].path);
        free(config->mounts[i].type);
        free(config->mounts[i].source);
        free(config->mounts[i].options);
    }
    for (size_t i = 0; i < config->file_count; i++)
        free(config->files[i].path);
    free(config->nics);
    free(config->mounts);
    free(config->files);
}
