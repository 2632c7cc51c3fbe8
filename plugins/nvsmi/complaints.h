/* What nvidia-smi, a shell or sudo says instead of an answer, as a sentence for the
 * operator. */
#ifndef PLUGINS_NVSMI_COMPLAINTS_H
#define PLUGINS_NVSMI_COMPLAINTS_H

#include "plugins/nvsmi/values.h"

#include <string.h>

static const struct {
    const char *phrase, *sentence;
} complaints[] = {
    { "No devices were found", "the NVIDIA driver finds no GPU" },
    { "communicate with the NVIDIA driver",
      "nvidia-smi cannot talk to the NVIDIA driver; is its kernel module loaded?" },
    { "Driver/library version mismatch",
      "the NVIDIA driver was updated but its old kernel module still runs; reload it or reboot" },
    { "Failed to initialize NVML", "nvidia-smi cannot start NVML" },
    { "nsufficient permission", "not allowed to ask the NVIDIA driver; see the option command" },
    { "ermission denied", "not allowed to run nvidia-smi; see the option command" },
    { 0 }
};

/* What the program says goes on for a line, and its end names the GPU: more of it is
 * shown than of a number. */
static int fail_with_words(struct answer *a, const char *text, size_t len)
{
    char line[160];
    size_t n = 0;

    for (; n < len && n < sizeof(line) && text[n] != '\n'; n++)
        line[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    return a->api->fail(a->out, "nvidia-smi says \"%.*s\" instead of numbers", (int)n, line);
}

/* How shells and sudo say of a program that it is not there; before it stands which. */
static const char *const absences[] = { ": not found", ": command not found",
                                        ": No such file or directory", NULL };

/* Does the option name a program that is called as the text ends? "sudo /opt/nvidia-smi"
 * does where it ends in "nvidia-smi". */
static bool names_program(const char *command, const char *text, size_t len)
{
    while (*command) {
        size_t word = strcspn(command, " "), base = word;

        while (base > 0 && command[base - 1] != '/')
            base--;
        if (word > base && len >= word - base &&
            memcmp(text + len - (word - base), command + base, word - base) == 0)
            return true;
        command += word + strspn(command + word, " ");
    }
    return false;
}

/* A program that is there may miss a file of its own, and says so alike. */
static bool is_absent(const struct answer *a, const char *text, size_t len)
{
    for (size_t i = 0; absences[i]; i++) {
        const char *end = text + len, *at = text;

        for (; (at = memmem(at, (size_t)(end - at), absences[i], strlen(absences[i])));
             at++)
            if (names_program(a->api->option(a->target, "command"), text,
                              (size_t)(at - text)))
                return true;
    }
    return false;
}

static int fail_with_complaint(struct answer *a, const char *text, size_t len)
{

    trim(&text, &len);
    if (is_absent(a, text, len))
        return a->api->fail(a->out, "there is no nvidia-smi on the PATH there; where it "
                                    "is elsewhere, its source's option command says so");
    for (size_t i = 0; complaints[i].phrase; i++)
        if (contains(text, len, complaints[i].phrase))
            return a->api->fail(a->out, "%s", complaints[i].sentence);
    if (contains(text, len, "GPU is lost"))
        return a->api->fail(a->out,
                            "a GPU is lost and nvidia-smi tells nothing about the "
                            "others; the node must be rebooted");
    if (len == 0)
        return a->api->fail(a->out, "nvidia-smi printed nothing");
    if (len > 8 && memcmp(text, "WARNING:", 8) == 0) {
        /* Of the infoROM, say: it follows a round, and the stream goes on. */
        a->api->warn(a->out, "nvidia-smi: %.*s", (int)(len < 160 ? len : 160), text);
        return GW_DONE;
    }
    return fail_with_words(a, text, len);
}

#endif
