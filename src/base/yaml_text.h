/* YAML from outside, as a document: what could hurt while it is read is refused first. */
#ifndef BASE_YAML_TEXT_H
#define BASE_YAML_TEXT_H

#include <stddef.h>
#include <yaml.h>

#include "base/err.h"

/* 0, and the document is the caller's to end. -1 with "NAME:LINE:COLUMN: …"
 * (ERR_USAGE): no YAML, nested deeper than 16, or with aliases, by which a short text
 * becomes a long document. */
int yaml_text_read(yaml_document_t *document, const char *text, size_t len,
                   const char *name, struct err *err);
/* Its texts are wiped: some are secrets. */
void yaml_text_end(yaml_document_t *document);

#endif
