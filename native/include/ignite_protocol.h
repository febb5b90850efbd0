/* Generated from protocol/src/table.ts by scripts/generate-protocol.ts. Do not edit. */
#ifndef IGNITE_PROTOCOL_H
#define IGNITE_PROTOCOL_H

/* Sizes in bytes and counts that both ends keep. */
#define IGN_LIMIT_HEADER 12u
#define IGN_LIMIT_PAYLOAD 65536u
#define IGN_LIMIT_WINDOW 262144u
#define IGN_LIMIT_STREAMS 256u
#define IGN_LIMIT_OPEN 1048576u
#define IGN_LIMIT_PREAMBLE 32u
#define IGN_LIMIT_SESSION_ID 16u
#define IGN_LIMIT_TOKEN 16u
#define IGN_LIMIT_TLV_HEADER 6u
#define IGN_LIMIT_LOG_HEADER 9u
#define IGN_LIMIT_UNSIZED_FILE 4194304u
#define IGN_LIMIT_CONFIG 16777216u

/* Versions: of the link (in the preamble), of ignite-spawn, of its runner and of the guest configuration. */
#define IGN_VERSION_LINK_MAJOR 1u
#define IGN_VERSION_LINK_MINOR 0u
#define IGN_VERSION_SPAWN 1u
#define IGN_VERSION_RUNNER 2u
#define IGN_VERSION_CONFIG 1u

/* Bits of the header’s flags byte. */
#define IGN_FLAG_MORE 1u

/* Frame types. 0x80 and above may be skipped by those who do not know them. */
#define IGN_FRAME_HELLO 1u
#define IGN_FRAME_PING 2u
#define IGN_FRAME_PONG 3u
#define IGN_FRAME_BYE 4u
#define IGN_FRAME_OPEN 16u
#define IGN_FRAME_OPENED 17u
#define IGN_FRAME_DATA 18u
#define IGN_FRAME_EOF 19u
#define IGN_FRAME_CREDIT 20u
#define IGN_FRAME_SIGNAL 21u
#define IGN_FRAME_RESIZE 22u
#define IGN_FRAME_EXIT 23u
#define IGN_FRAME_RESET 24u
#define IGN_FRAME_CALL 32u
#define IGN_FRAME_REPLY 33u
#define IGN_FRAME_QUIESCE 34u
#define IGN_FRAME_IDENTITY 35u
#define IGN_FRAME_READY 64u
#define IGN_FRAME_LOG 65u
#define IGN_FRAME_INTENT 66u
#define IGN_FRAME_DONE 67u
#define IGN_FRAME_NOTE 68u
#define IGN_FRAME_TOKEN 69u

/* Channels of a stream: first byte of DATA, EOF, CREDIT. */
#define IGN_CHANNEL_IN 0u
#define IGN_CHANNEL_OUT 1u
#define IGN_CHANNEL_ERR 2u

/* Value of TAG.KIND in OPEN. CONSOLE exists only between CLI and daemon. */
#define IGN_OPEN_KIND_EXEC 1u
#define IGN_OPEN_KIND_GET 2u
#define IGN_OPEN_KIND_PUT 3u
#define IGN_OPEN_KIND_STAT 4u
#define IGN_OPEN_KIND_ATTACH 5u
#define IGN_OPEN_KIND_CONSOLE 6u

/* Tags of TLV records in control payloads; integers are little endian, texts UTF-8 without NUL. */
#define IGN_TAG_AGENT_VERSION 1u
#define IGN_TAG_FEATURE 2u
#define IGN_TAG_BOOT_ID 3u
#define IGN_TAG_MAX_PAYLOAD 4u
#define IGN_TAG_MAX_STREAMS 5u
#define IGN_TAG_WINDOW 6u
#define IGN_TAG_TEXT 7u
#define IGN_TAG_ERROR 8u
#define IGN_TAG_ERRNO 9u
#define IGN_TAG_KIND 16u
#define IGN_TAG_ARG 17u
#define IGN_TAG_ENV 18u
#define IGN_TAG_CWD 19u
#define IGN_TAG_USER 20u
#define IGN_TAG_TTY 21u
#define IGN_TAG_ROWS 22u
#define IGN_TAG_COLUMNS 23u
#define IGN_TAG_TERM 24u
#define IGN_TAG_DETACHED 25u
#define IGN_TAG_PATH 26u
#define IGN_TAG_FOLLOW 27u
#define IGN_TAG_KEEP_OWNER 28u
#define IGN_TAG_PID 32u
#define IGN_TAG_FILE_KIND 33u
#define IGN_TAG_FILE_MODE 34u
#define IGN_TAG_FILE_SIZE 35u
#define IGN_TAG_CODE 40u
#define IGN_TAG_SIGNAL 41u
#define IGN_TAG_OOM 42u
#define IGN_TAG_GROUP 43u
#define IGN_TAG_REQUEST 48u
#define IGN_TAG_VERB 49u
#define IGN_TAG_HOW 50u
#define IGN_TAG_TIME 51u
#define IGN_TAG_DRIVE 52u
#define IGN_TAG_MEMORY_TOTAL 53u
#define IGN_TAG_MEMORY_AVAILABLE 54u
#define IGN_TAG_CPU_USED 55u
#define IGN_TAG_DISK_TOTAL 56u
#define IGN_TAG_DISK_FREE 57u
#define IGN_TAG_PROCESSES 58u
#define IGN_TAG_NET_RECEIVED 59u
#define IGN_TAG_NET_SENT 60u
#define IGN_TAG_AFTER 61u
#define IGN_TAG_PROCESS 62u
#define IGN_TAG_MODE 64u
#define IGN_TAG_STAGE 65u
#define IGN_TAG_STAGE_MS 66u
#define IGN_TAG_INTENT 67u

/* Value of TAG.VERB in CALL. */
#define IGN_VERB_SHUTDOWN 1u
#define IGN_VERB_SYNC 2u
#define IGN_VERB_TIME 3u
#define IGN_VERB_STATS 4u
#define IGN_VERB_GROW 5u
#define IGN_VERB_PROCESSES 6u

/* Value of TAG.MODE and CONFIG.MODE. */
#define IGN_MODE_APP 1u
#define IGN_MODE_SYSTEM 2u

/* Value of TAG.INTENT and TAG.HOW. */
#define IGN_INTENT_UNKNOWN 0u
#define IGN_INTENT_POWEROFF 1u
#define IGN_INTENT_REBOOT 2u
#define IGN_INTENT_HALT 3u

/* Value of TAG.FILE_KIND. */
#define IGN_FILE_KIND_FILE 1u
#define IGN_FILE_KIND_DIRECTORY 2u
#define IGN_FILE_KIND_SYMLINK 3u
#define IGN_FILE_KIND_OTHER 4u

/* Words of TAG.ERROR. */
#define IGN_ERROR_NOT_FOUND "not-found"
#define IGN_ERROR_NOT_EXECUTABLE "not-executable"
#define IGN_ERROR_NO_USER "no-user"
#define IGN_ERROR_NO_DIRECTORY "no-directory"
#define IGN_ERROR_TOO_MANY "too-many"
#define IGN_ERROR_BAD_REQUEST "bad-request"
#define IGN_ERROR_BAD_ARCHIVE "bad-archive"
#define IGN_ERROR_UNSUPPORTED "unsupported"
#define IGN_ERROR_IO "io"

/* Tags of the guest configuration, the file /ignite/config of the initrd. */
#define IGN_CONFIG_VERSION 1u
#define IGN_CONFIG_MODE 2u
#define IGN_CONFIG_TOKEN 3u
#define IGN_CONFIG_HOSTNAME 4u
#define IGN_CONFIG_MACHINE_ID 5u
#define IGN_CONFIG_NIC 6u
#define IGN_CONFIG_DNS 7u
#define IGN_CONFIG_HOST 8u
#define IGN_CONFIG_ROOT_DRIVE 9u
#define IGN_CONFIG_MODULES_DRIVE 10u
#define IGN_CONFIG_MOUNT 11u
#define IGN_CONFIG_INIT 12u
#define IGN_CONFIG_INIT_KIND 13u
#define IGN_CONFIG_APP 14u
#define IGN_CONFIG_AUTHORIZED_KEY 15u
#define IGN_CONFIG_FILE 16u
#define IGN_CONFIG_TIME 17u
#define IGN_CONFIG_POWER_OFF 18u
#define IGN_CONFIG_CHANNELS 19u
#define IGN_CONFIG_SERIAL 20u
#define IGN_CONFIG_FILES_DRIVE 21u

/* Tags inside CONFIG.NIC: MAC 6 bytes, addresses as text, PREFIX u8, MTU u32; ROUTE "CIDR[ via]" and FURTHER, an address with its prefix length, repeat and may be of IPv6. */
#define IGN_NIC_MAC 1u
#define IGN_NIC_ADDRESS 2u
#define IGN_NIC_PREFIX 3u
#define IGN_NIC_GATEWAY 4u
#define IGN_NIC_MTU 5u
#define IGN_NIC_ROUTE 6u
#define IGN_NIC_FURTHER 7u

/* Tags inside CONFIG.MOUNT: DRIVE u32, PATH text, READ_ONLY u8. With TYPE text a file system of that type is mounted instead of a drive, from SOURCE text with OPTIONS text; EXEC u8: its programs may be executed. */
#define IGN_MOUNT_DRIVE 1u
#define IGN_MOUNT_PATH 2u
#define IGN_MOUNT_READ_ONLY 3u
#define IGN_MOUNT_TYPE 4u
#define IGN_MOUNT_SOURCE 5u
#define IGN_MOUNT_OPTIONS 6u
#define IGN_MOUNT_EXEC 7u

/* Tags inside CONFIG.SERIAL: DRIVE u32, TEXT text. */
#define IGN_SERIAL_DRIVE 1u
#define IGN_SERIAL_TEXT 2u

/* Tags inside CONFIG.FILE: PATH text, MODE UID GID u32, CONTENT bytes, KIND u8 of FILE_KIND, absent: a file. */
#define IGN_FILE_PATH 1u
#define IGN_FILE_MODE 2u
#define IGN_FILE_UID 3u
#define IGN_FILE_GID 4u
#define IGN_FILE_CONTENT 5u
#define IGN_FILE_KIND 6u

/* Tags inside CONFIG.APP: ARG and ENV repeat; TTY, STDIN u8; STOP_SIGNAL u8. */
#define IGN_APP_ARG 1u
#define IGN_APP_ENV 2u
#define IGN_APP_WORKDIR 3u
#define IGN_APP_USER 4u
#define IGN_APP_TTY 5u
#define IGN_APP_STDIN 6u
#define IGN_APP_STOP_SIGNAL 7u

/* Value of CONFIG.INIT_KIND. */
#define IGN_INIT_KIND_SYSTEMD 1u
#define IGN_INIT_KIND_OPENRC 2u
#define IGN_INIT_KIND_SYSV 3u

/* Value of CONFIG.POWER_OFF: how the VM must end so that its VMM notices. */
#define IGN_POWER_OFF_RESET 1u
#define IGN_POWER_OFF_ACPI 2u

/* Value of CONFIG.CHANNELS: what carries facts and link. */
#define IGN_CHANNELS_PORTS 1u
#define IGN_CHANNELS_VSOCK 2u

/* Ports of the host that the guest connects to; what it sends first on LINK is the token of the boot. */
#define IGN_VSOCK_FACTS 1024u
#define IGN_VSOCK_LINK 1025u

/* Names that both sides of the VM know. */
#define IGN_NAME_MAGIC_HEX "ff49474e4c4e4b31"
#define IGN_NAME_FACTS_PORT "org.ignite.facts"
#define IGN_NAME_LINK_PORT "org.ignite.link"
#define IGN_NAME_DRIVE_SERIAL "ign"
#define IGN_NAME_CONFIG_FILE "/ignite/config"
#define IGN_NAME_MODULE_LIST "/ignite/modules"
#define IGN_NAME_LATER_MODULE_LIST "/ignite/modules-later"
#define IGN_NAME_MODULE_FOLDER "/ignite/mod"

#endif
