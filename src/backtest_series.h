/* A file of recorded power, `unix_seconds,watts`, read a sample at a time. */
#ifndef BACKTEST_SERIES_H
#define BACKTEST_SERIES_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

struct series {
    FILE *in;
    const char *path;
    char name[128];     /* the file's, without folder and .csv */
    unsigned long line;
    double time;        /* of the last sample */
};

int series_open(struct series *s, const char *path, struct err *err);
void series_close(struct series *s);
/* 1: a sample; 0: the end; -1. An empty value is a gap: *watts is NAN. */
int series_read(struct series *s, double *time, double *watts, struct err *err);
/* When it begins, and the usual distance between its first samples; NAN: it has one. -1
 * also where it has none. */
int series_step(const char *path, double *begins, double *step_s, struct err *err);

#endif
