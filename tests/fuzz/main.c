/* Runs a fuzzer's target over the files it is given: the corpus as a plain test, where there is no libFuzzer. With
 * --enable-fuzzing this file is empty, and libFuzzer brings main(). */
#include "config.h"

#ifndef GW_FUZZING
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= run_file(argv[i]);
    printf("1..1\n%s 1 - %d files survived\n", failed ? "not ok" : "ok", argc - 1);
    return failed ? 1 : 0;
}
#endif
