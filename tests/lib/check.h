/* Check, for tests that claim something a hundred thousand times. Check tells its parent
 * of every claim, held or not, by two writes to a file: that was most of their time, many
 * times over under a sanitizer. Here a claim that holds says nothing; one that does not
 * is told as ever. What is lost: where a test was when it crashed. */
#ifndef TESTS_LIB_CHECK_H
#define TESTS_LIB_CHECK_H

#include <check.h>

#define _mark_point(file, line) ((void)0)

#endif
