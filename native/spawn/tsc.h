#ifndef IGNITE_TSC_H
#define IGNITE_TSC_H

/* ignite-spawn --tsc: prints the rate of the processor's time stamp counter in kHz; the exit status. */
int tell_tsc(void);

#endif
