/* Files that a person names. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdio.h>

/* To read it, without waiting for somebody who writes to it: a pipe to which nobody does is empty. NULL: errno says why. */
FILE *file_open(const char *path);

#endif
