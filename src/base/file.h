/* Files that a person names, and where a user's own are. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdio.h>

struct arena;

/* To read it, without waiting for somebody who writes to it: a pipe to which nobody does
 * is empty. NULL: errno says why. */
FILE *file_open(const char *path);
/* $VARIABLE/REST, as the XDG base directories have it, else ~/HOME_PART/REST; NULL: there
 * is neither. */
const char *file_under(struct arena *a, const char *variable, const char *home_part,
                       const char *rest);
/* Makes the folders that lead to a file (0700). Those that exist stay as they are; where
 * one cannot be made, opening the file will say so. */
void file_make_folders(const char *path);
/* Closes what was written. -1: not all of it is, be it that an earlier write failed. */
int file_end(FILE *out);

#endif
