/* SPDX-License-Identifier: Apache-2.0
 * program.c: calls what C programs call, so that the linker brings a C run-time library along.
 * Functions of its own are called own_ or main: runtime_table.sh leaves them out. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static jmp_buf own_jump;
static volatile double own_number = 2.5;

static int own_compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static void own_end(void) { puts("end"); }
static void own_signal(int s) { longjmp(own_jump, s); }

static void own_print(FILE *to, const char *format, ...) {
    va_list args;
    char line[256];
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(to, "%s %d %s\n", line, errno, strerror(errno));
}

static void own_text(char **argv) {
    char a[128] = "", *end = NULL;
    wchar_t wide[64];
    strncpy(a, argv[0], sizeof a - 1);
    strncat(a, "!", sizeof a - strlen(a) - 1);
    own_print(stdout, "%s %-8s|%5.2f %g %e %llx %p %c %zu", a, strchr(a, '/'), own_number,
              own_number, own_number, (unsigned long long)strtoull(a, &end, 0), (void *)a, a[0],
              strlen(a));
    own_print(stderr, "%d %d %d %s", strcmp(a, "b"), strncmp(a, "c", 1), memcmp(a, "d", 1),
              strstr(a, "e"));
    for (char *t = strtok(a, " /"); t; t = strtok(NULL, " /"))
        own_print(stdout, "%s %d %d", t, toupper(t[0]), isalpha(t[0]));
    size_t n = mbstowcs(wide, argv[0], 63);
    wprintf(L"%ls %d\n", wide, (int)n);
    printf("%d %ld %f %s\n", atoi(a), strtol(a, NULL, 16), strtod(a, NULL), setlocale(LC_ALL, ""));
    int x = 0;
    if (sscanf(a, "%d", &x) == 1)
        printf("%d\n", x);
}

static void own_files(const char *path) {
    char line[256];
    FILE *f = fopen(path, "rb");
    if (!f)
        return;
    while (fgets(line, sizeof line, f))
        fputs(line, stdout);
    fseek(f, 0, SEEK_SET);
    size_t n = fread(line, 1, sizeof line, f);
    fwrite(line, 1, n, stdout);
    printf("%ld\n", ftell(f));
    fclose(f);
    remove("nothing.tmp");
    rename("nothing.tmp", "nothing2.tmp");
}

static void own_numbers(int argc) {
    int *at = calloc(64, sizeof *at);
    if (!at)
        abort();
    srand((unsigned)time(NULL));
    for (int i = 0; i < 64; i++)
        at[i] = rand();
    qsort(at, 64, sizeof *at, own_compare);
    int *found = bsearch(&at[3], at, 64, sizeof *at, own_compare);
    at = realloc(at, 128 * sizeof *at);
    if (at)
        memmove(at + 8, at, 32);
    printf("%d %f %f %f %f %f\n", found ? *found : 0, sin(own_number), pow(own_number, argc),
           exp(own_number), log(own_number), floor(sqrt(own_number)));
    volatile int64_t big = argc, by = argc + 3;
    printf("%lld %lld %f\n", (long long)(big / by), (long long)(big % by), (double)big);
    free(at);
}

int main(int argc, char **argv) {
    time_t now = time(NULL);
    char text[64];
    struct tm *tm = localtime(&now);
    if (tm && strftime(text, sizeof text, "%Y-%m-%d", tm))
        puts(text);
    atexit(own_end);
    signal(SIGINT, own_signal);
    if (setjmp(own_jump))
        exit(3);
    own_text(argv);
    own_files(argv[argc - 1]);
    own_numbers(argc);
    printf("%s %ld\n", getenv("HOME"), (long)clock());
    return system(NULL) != 0;
}
