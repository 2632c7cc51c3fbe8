/* The last state of a kind as the model has it, written from there: a million GPUs would
 * be in memory twice. The model is the main thread's, so that makes the blocks, a few at
 * a time and with looks of who looks on (model_let_look()); the store's thread writes
 * them.
 *
 * A row stands in the file where it stands in the model. What a file of another order had
 * is written anew from the first block to the last, and what is left behind them is
 * dropped then. Private to store/. */
#ifndef STORE_LENT_H
#define STORE_LENT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/model.h"
#include "store/block.h"

/* ---- of the main thread ---- */

struct lender;

struct lender *lender_new(const struct model *m, enum gw_kind kind);
void lender_free(struct lender *l);
/* Of a batch that the model has just taken in: what it told is to be written. False: rows
 * that the cache told of stand elsewhere in the model, or were forgotten. */
bool lender_note(struct lender *l, const struct batch *b);
/* The file is written anew. */
void lender_move(struct lender *l);

/* A block on its way; its owner frees it. */
struct lent {
    enum gw_kind kind;
    size_t number;
    struct block *block; /* NULL: from that number on there is none */
};
/* The next one that has to be written; NULL: all were lent since something was told of
 * them. */
struct lent *lender_next(struct lender *l);
void lent_free(struct lent *lent);

/* Takes a batch that is on its way to the writer, and returns it without what is lent:
 * while that one writes, many wait for it. */
struct batch *lent_left_out(struct batch *b, const bool is_lent[GW_KINDS]);

/* ---- of whoever writes ---- */

/* Inside the caller's transaction. Returns the bytes; -1 with *err. */
long lent_save(const struct lent *lent, sqlite3 *db, struct err *err);

#endif
