/* What the guest uses, and its processes: answers to CALL stats and CALL processes. */
#ifndef IGNITE_USAGE_H
#define IGNITE_USAGE_H
#include "link.h"
#include <stdbool.h>
#include <stdint.h>

void usage_answer_stats(struct link *link, uint32_t request);
/* Processes of a pid higher than `after`, as many as one answer holds, without the kernel's own. `app`: only those of the
 * command's PID namespace, under the numbers they have there. */
void usage_answer_processes(struct link *link, uint32_t request, uint32_t after, bool app);
#endif
