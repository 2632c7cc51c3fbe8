/* How many GPUs a job asked for, a node has, an account may hold: generic resources
 * (GRES) and trackable ones (TRES). */
#ifndef PLUGINS_SLURM_GRES_H
#define PLUGINS_SLURM_GRES_H

#include "plugins/slurm/record.h"

/* How many GPUs "gpu:h100:4(IDX:4-7)", "gres:gpu:8" or "gres/gpu=8" are; several with
 * commas. NAN: no GPUs are spoken of. */
static double gres_gpus(struct text list)
{
    struct text piece, part, last;
    double count = NAN;

    while (next_piece(&list, ',', &piece)) {
        bool is_gpu;

        piece = until(trimmed(piece), "(");
        if (piece.len > 5 &&
            (memcmp(piece.at, "gres:", 5) == 0 || memcmp(piece.at, "gres/", 5) == 0))
            piece = (struct text){ piece.at + 5, piece.len - 5 };
        part = until(piece, ":=");
        is_gpu = is_text(part, "gpu");
        last = (struct text){ "1", 1 };
        for (struct text rest = piece; next_piece(&rest, ':', &part);)
            if (isdigit((unsigned char)part.at[0]) && part.len < 7 &&
                !memchr(part.at, 'g', part.len))
                last = part;
        if (is_gpu)
            count = (isnan(count) ? 0 : count) + plain_number(last);
    }
    return count;
}

/* Of "cpu=4,mem=1562.50G,node=2,gres/gpu=16,gres/gpu:h100=16": the total, or the sum of
 * types where only they are counted. NAN: it does not count GPUs. */
static double tres_gpus(struct text t)
{
    char copy[1000];
    struct text rest, piece;
    double total = NAN, typed = NAN;

    rest = (struct text){ copy, plain(t, copy, sizeof(copy)) };
    while (next_piece(&rest, ',', &piece)) {
        struct text name = until(piece, "=");
        double n;

        if (!begins(name, "gres/gpu") || name.len >= piece.len)
            continue;
        n = plain_number(
            (struct text){ piece.at + name.len + 1, piece.len - name.len - 1 });
        if (is_text(name, "gres/gpu"))
            total = n;
        else if (name.at[strlen("gres/gpu")] == ':')
            typed = (isnan(typed) ? 0 : typed) + n;
    }
    return isnan(total) ? typed : total;
}

static void add_tres(void *arg, const struct record *r)
{
    if (is_text(r->slots[0], "\"gpu\""))
        *(double *)arg = number(r->slots[1]);
}

/* The same of the accounting's JSON: [{"type":"gres","name":"gpu","count":16}, ...]. */
static double tres_list_gpus(struct text t)
{
    static const struct field field[] = { { "name", NULL }, { "count", NULL } };
    static const struct fields fields = { field, 2, NULL, NULL };
    struct json j = { t.at, t.at ? t.at + t.len : NULL, false };
    double gpus = NAN;

    if (t.at && enter(&j, '['))
        take_list(&j, &fields, add_tres, &gpus);
    return gpus;
}

/* A slice of a GPU is not the GPU with that index. */
static bool is_cut(struct text gres)
{
    for (size_t i = 0; i + 3 < gres.len; i++)
        if (isdigit((unsigned char)gres.at[i]) && memcmp(gres.at + i + 1, "g.", 2) == 0)
            return true;
    return false;
}

#endif
