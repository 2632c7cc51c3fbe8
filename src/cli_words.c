/* Text for people on standard output: where a line ends. */
#include "cli_words.h"
#include "base/text.h"
#include "tui/terminal.h"

#include <string.h>

void cli_print_words(FILE *out, const char *words, int left)
{
    enum { FEWEST = 20 };
    int room = terminal_columns() - left, used = 0;

    for (const char *word = words ? words : ""; *word;) {
        size_t bytes = strcspn(word, " ");
        char text[200];
        int width;

        snprintf(text, sizeof(text), "%.*s",
                 (int)(bytes < sizeof(text) ? bytes : sizeof(text) - 1), word);
        width = text_width(text);
        if (room >= FEWEST && used && used + 1 + width > room) {
            fprintf(out, "\n%*s", left, "");
            used = 0;
        }
        fprintf(out, "%s%s", used ? " " : "", text);
        used += width + (used > 0);
        word += bytes + strspn(word + bytes, " ");
    }
    fputc('\n', out);
}
