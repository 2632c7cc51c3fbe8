/* Where in a stream an answer ends: a round of CSV rows, a document of XML. */
#ifndef PLUGINS_NVSMI_STREAM_H
#define PLUGINS_NVSMI_STREAM_H

#include "plugins/nvsmi/csv.h"

#include <ctype.h>
#include <string.h>

/* How far the beginning of a stream was looked through for a whole answer, so that no
 * byte is looked at for every byte that follows it. */
struct framing {
    size_t blank;               /* bytes of white space that it begins with */
    size_t seen;                /* bytes that hold no end */
    size_t line;                /* where the line begins that is not whole yet */
    bool is_xml;
    unsigned rows, lost, count, last;   /* of the CSV so far */
};

/* Where `what` begins in the bytes that are new, or across the seam to them; NULL:
 * nowhere. */
static const char *find_new(const struct framing *at, const char *text, size_t len,
                            const char *what)
{
    size_t n = strlen(what), from = at->seen > n ? at->seen - n : 0;

    return memmem(text + from, len - from, what, n);
}

static size_t frame_xml(const struct framing *at, const char *text, size_t len)
{
    static const char last[] = "</nvidia_smi_log>";
    const char *end = find_new(at, text, len, last);

    return end ? (size_t)(end - text) + sizeof(last) - 1 : 0;
}

/* A line that is whole. True: the round ends with it, or, where *before, did so before
 * it. */
static bool ends_round(struct framing *at, const char *line, size_t len, bool *before)
{
    unsigned index;

    trim(&line, &len);
    if (row_head(line, len, &index, &at->count)) {
        *before = at->rows && index <= at->last;
        at->last = index;
        at->rows++;
    } else if (contains(line, len, "GPU is lost")) {
        at->lost++;
    }
    return *before || (at->rows && at->rows + at->lost >= at->count);
}

/* A round is whole when it has as many rows as there are GPUs, or when the index starts
 * again. What is no row and stands alone is a complaint, and an answer of its own. */
static size_t frame_csv(struct framing *at, const char *text, size_t len)
{
    size_t from = at->seen > at->line ? at->seen : at->line;
    const char *newline;

    while ((newline = memchr(text + from, '\n', len - from))) {
        size_t begin = at->line;
        bool before = false;

        from = at->line = (size_t)(newline - text) + 1;
        if (ends_round(at, text + begin, from - 1 - begin, &before))
            return before ? begin : from;
    }
    return at->rows == 0 && at->line == len ? len : 0;
}

/* The bytes of the first whole answer; 0: none is whole yet. */
static size_t frame(struct framing *at, const char *text, size_t len)
{
    size_t whole;

    if (len < at->seen)
        *at = (struct framing){ 0 };
    while (at->blank < len && isspace((unsigned char)text[at->blank]))
        at->blank++;
    if (at->blank == len)
        return 0;
    if (!at->is_xml)
        at->is_xml = text[at->blank] == '<' || find_new(at, text, len, "<?xml");
    whole = at->is_xml ? frame_xml(at, text, len) : frame_csv(at, text, len);
    at->seen = len;
    if (whole)
        *at = (struct framing){ 0 };
    return whole;
}

#endif
