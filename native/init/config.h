/* The guest configuration as ignite-init uses it; read from the TLV file /ignite/config of the initrd. */
#ifndef IGNITE_CONFIG_H
#define IGNITE_CONFIG_H
#include <ignite_protocol.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_DRIVE UINT32_MAX

/* Texts, the last one followed by NULL. */
struct texts {
    char **items;
    size_t count;
};

struct nic_config {
    uint8_t mac[6];
    char *address;
    char *gateway;
    struct texts routes;
    /* Further addresses: "ADDRESS/PREFIX", of IPv6, too. */
    struct texts further;
    uint8_t prefix;
    uint32_t mtu;
};

struct mount_config {
    uint32_t drive;
    char *path;
    bool read_only;
    /* A file system that is on no drive: tmpfs, virtiofs. NULL: the drive. */
    char *type, *source, *options;
    bool exec;
};

struct file_config {
    char *path;
    uint8_t kind; /* IGN_FILE_KIND_…; 0: a file */
    uint32_t mode, uid, gid;
    const uint8_t *content;
    size_t length;
};

struct app_config {
    struct texts argv;
    struct texts env;
    char *workdir;
    char *user;
    bool tty, take_stdin;
    uint8_t stop_signal;
};

struct config {
    uint8_t mode;
    uint8_t token[IGN_LIMIT_TOKEN];
    char *hostname;
    char *machine_id;
    struct texts dns, hosts, keys;
    uint32_t root_drive, modules_drive, files_drive;
    char *init;
    uint8_t init_kind;
    uint8_t power_off;
    uint8_t channels;
    uint64_t time;
    struct app_config app;
    struct nic_config *nics;
    size_t nic_count;
    struct mount_config *mounts;
    size_t mount_count;
    struct file_config *files;
    size_t file_count;
};

/* Reads a configuration; keeps pointers into `bytes`. NULL, or what is wrong with it. */
const char *config_parse(struct config *config, const uint8_t *bytes, size_t length);
/* Frees what config_parse allocated. */
void config_free(struct config *config);
/* Appends a text; false without memory. */
bool texts_add(struct texts *texts, char *text);
void texts_free(struct texts *texts);
#endif
