/* gigawatch: the terminal console for the people who run a power-capped AI cloud. */
#include <stdio.h>

int main(void)
{
    puts("gigawatch");
    return 0;
}
