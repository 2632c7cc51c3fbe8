/* Threads that signals leave alone. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts `run` with all signals blocked: they are the main thread's. SIGPIPE with them,
 * so that a lost peer is an error there and no end. False: no thread could be made. */
bool thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* A descriptor on which those come that end a program: TERM, INT and HUP. From here on
 * they are blocked in the calling thread. */
int thread_open_signals(void);

#endif
