/* Joins the files of views/, plugins/ and src/format/ to the program: a file's name is
 * its registration (registry.inc is made from the list of files). */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "gigawatch/source.h"

/* built in; ends with NULL */
extern const struct gw_source *const registry_sources[];

#endif
