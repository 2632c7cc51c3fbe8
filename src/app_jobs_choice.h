/* Of the jobs that schedulers tell of, those that a forecast looks at. There may be a
 * hundred thousand, and a round has to stay a fraction of a second and some megabytes: so
 * many are taken at most, of those that run the largest, of those that wait the first in
 * line, and those that ended last. What is left out is counted. */
#ifndef APP_JOBS_CHOICE_H
#define APP_JOBS_CHOICE_H

#include "model/model.h"

enum { MOST_JOBS_RUNNING = 8192, MOST_JOBS_WAITING = 4096, MOST_JOBS_ENDED = 2048 };

enum job_choice { JOB_NOT_TOLD, JOB_TAKEN, JOB_LEFT_OUT };

struct jobs_choice {
    uint8_t *of_row;            /* an enum job_choice for each row of GW_JOB */
    size_t left_out;            /* that run or wait */
    double least_gpus;          /* none that runs and is left out has more; 0: none is */
    double silent_s;            /* for so long a scheduler has been silent whose jobs
                                 * run or wait; 0: none */
};

/* False: no scheduler tells of jobs now, and there is nothing to free. */
bool jobs_choose(const struct model *m, struct jobs_choice *to);
void jobs_choice_free(struct jobs_choice *c);

/* GPUs, or nodes where these are not told; NAN: neither is. */
double jobs_gpus(const struct model *m, uint32_t row);
/* Of those that wait, the lowest is first in line. */
double jobs_order(const struct model *m, uint32_t row, double submit);

#endif
