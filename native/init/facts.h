/* The facts channel, guest → supervisor: token, stages, output of the main process, how it ended. */
#ifndef IGNITE_FACTS_H
#define IGNITE_FACTS_H
#include <stddef.h>
#include <stdint.h>

/* Takes the descriptor of the port; frames written before are lost. */
void facts_use(int fd);
int facts_fd(void);
void facts_close(void);
/* Sends one frame whole; waits for the host to take it where `settle` is set, so that nothing is lost in a reset. */
void facts_send(uint8_t type, const void *payload, size_t length);
void facts_settle(void);
void facts_token(const uint8_t *token);
/* Remembers a stage and its time for READY. */
void facts_stage(const char *stage);
/* NOTE: a failure or a fact in words, also to the console. */
void facts_note(const char *stage, const char *text);
void facts_ready(uint8_t mode);
void facts_intent(uint8_t intent);
/* Nothing more is to be said: waits until the host has it all. */
void facts_end(void);
/* DONE from a wait status. */
void facts_done(int status, int oom);
/* Stages so far as text `name=ms,…`, and back: the agent of a machine goes through an exec. */
char *facts_stages(void);
void facts_set_stages(const char *text);
#endif
