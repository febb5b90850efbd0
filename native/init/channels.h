/* facts and link, whatever carries them: ports of virtio-serial, or vsock connections to the host (CONFIG.CHANNELS). */
#ifndef IGNITE_CHANNELS_H
#define IGNITE_CHANNELS_H
#include "config.h"

/* Opens facts and shows the token of the boot; false: there is no such channel. */
bool channels_open_facts(const struct config *config);
/* Opens link. Over vsock that is done when facts is opened, before any other program of the guest could. -1: there is none. */
int channels_open_link(void);
/* In who does not serve it. */
void channels_close_link(void);
/* For the agent of a machine, another program: what channels_open_link gives there; to be freed. */
char *channels_text(void);
void channels_take(const char *text);
#define CHANNELS_FOLDER "/run/ignite-guest"
/* Leaves behind in `folder` what the last program of a machine needs to speak again, readable by root alone. */
void channels_leave(const struct config *config, const char *folder);
/* In that program, from `folder`. */
void channels_find(const char *folder);
#endif
