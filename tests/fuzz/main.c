/* Runs a fuzzer's target over the files it is given, or over its corpus: a plain test,
 * where there is no libFuzzer. With --enable-fuzzing this file is empty, and libFuzzer
 * brings main(). */
#include "config.h"

#ifndef GW_FUZZING
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

static int run_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    uint8_t *text;
    long len;

    if (!in || fseek(in, 0, SEEK_END) != 0 || (len = ftell(in)) < 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        if (in)
            fclose(in);
        return -1;
    }
    rewind(in);
    text = malloc((size_t)len ? (size_t)len : 1);
    if (!text || fread(text, 1, (size_t)len, in) != (size_t)len)
        len = 0;
    LLVMFuzzerTestOneInput(text, (size_t)len);
    free(text);
    fclose(in);
    return 0;
}

/* Runs $SRCDIR/tests/fuzz/corpus/NAME of NAME_fuzz; returns how many files, -1: one
 * cannot be read. */
static int run_corpus(const char *program)
{
    const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
    const char *top = getenv("SRCDIR"), *end = strstr(name, "_fuzz");
    char folder[512], path[1024];
    struct dirent *entry;
    int count = 0;
    DIR *dir;

    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%.*s", top ? top : ".",
             (int)(end ? end - name : 0), name);
    dir = opendir(folder);
    while (dir && count >= 0 && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        count = run_file(path) < 0 ? -1 : count + 1;
    }
    if (dir)
        closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? argc - 1 : run_corpus(argv[0]);
    int failed = count <= 0;

    for (int i = 1; i < argc; i++)
        failed |= run_file(argv[i]) < 0;
    printf("1..1\n%s 1 - %d files survived\n", failed ? "not ok" : "ok", count);
    return failed ? 1 : 0;
}
#endif
