/* SPDX-License-Identifier: Apache-2.0
 * options.c: arguments to Options, by the table. */
#include "app/options.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"

enum { DEFAULT_TIMEOUT_S = 300, DEFAULT_MAX_MB = 1024 };

/* ---- did you mean ---- */

static size_t least_of(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b; at most 99. */
static size_t distance(const char *a, const char *b) {
    enum { MOST = 40 };
    size_t d[MOST + 1][MOST + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > MOST || m > MOST)
        return 99;
    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t k = 0; k <= m; k++)
        d[0][k] = k;
    for (size_t i = 1; i <= n; i++)
        for (size_t k = 1; k <= m; k++) {
            size_t cost = a[i - 1] != b[k - 1];
            d[i][k] = least_of(d[i - 1][k] + 1, d[i][k - 1] + 1, d[i - 1][k - 1] + cost);
            bool is_swap = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
            if (is_swap && d[i - 2][k - 2] + 1 < d[i][k])
                d[i][k] = d[i - 2][k - 2] + 1;
        }
    return d[n][m];
}

typedef struct Guess {
    const char *name;
    size_t distance;
} Guess;

/* A third of the letters may differ; a beginning is always good. */
static void guess_add(Guess *best, const char *typed, const char *name) {
    size_t n = strlen(typed), edits = distance(typed, name);
    if (n >= 3 && !strncmp(typed, name, n))
        edits = 1;
    if (edits <= (n + 2) / 3 && edits < best->distance)
        *best = (Guess){name, edits};
}

/* Commands of other versions: asking for them is no typing error. */
static bool is_later_command(const char *name) {
    static const char *const LATER[] = {"routines", "serve"};
    for (size_t i = 0; i < sizeof LATER / sizeof *LATER; i++)
        if (!strcmp(LATER[i], name))
            return true;
    return false;
}

__attribute__((noreturn)) static void fail_command(const char *name) {
    Guess best = {NULL, 99};
    if (is_later_command(name))
        fail_usage(NULL, "the command %s is not in version %s", name, cog_version());
    for (size_t i = 0; i < CMD_COUNT; i++)
        guess_add(&best, name, COMMANDS[i].name);
    if (best.name)
        fail_usage(NULL, "no command %s; did you mean %s?", name, best.name);
    fail_usage(NULL, "no command %s", name);
}

__attribute__((noreturn)) static void fail_option(const Options *o, const char *typed, size_t n) {
    Guess best = {NULL, 99};
    const char *command = COMMANDS[o->command].name;
    char *name = need(strndup(typed, n));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!strcmp(OPTIONS[i].name, name))
            fail_usage(command, "%s has no option --%s", command, name);
        if (OPTIONS[i].commands & 1u << o->command)
            guess_add(&best, name, OPTIONS[i].name);
    }
    if (best.name)
        fail_usage(command, "no option --%s; did you mean --%s?", name, best.name);
    fail_usage(command, "no option --%s", name);
}

/* ---- parsing ---- */

static const Option *find_option(const Options *o, const char *name, size_t n, char letter) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &OPTIONS[i];
        bool is_it = name ? strlen(option->name) == n && !strncmp(option->name, name, n)
                          : option->letter && option->letter == letter;
        if (is_it && option->commands & 1u << o->command)
            return option;
    }
    return NULL;
}

static void apply(Options *o, const Option *option, const char *value) {
    const char *expected = "another value";
    if (!strcmp(option->name, "help")) {
        help_write_command(o->command);
        exit(screen_close(EXIT_DONE));
    }
    if (!strcmp(option->name, "version")) {
        printf("cognate %s\n", cog_version());
        exit(screen_close(EXIT_DONE));
    }
    if (!option->set(o, value ? value : "", &expected))
        fail_usage(COMMANDS[o->command].name, "--%s %s: expected %s", option->name, value,
                   expected);
}

typedef struct Arguments {
    char **at;
    int count, next;
} Arguments;

static const char *value_of(const Options *o, const Option *option, const char *joined,
                            Arguments *a) {
    const char *command = COMMANDS[o->command].name;
    if (!option->value && joined)
        fail_usage(command, "--%s takes no value", option->name);
    if (!option->value || joined)
        return joined;
    if (a->next >= a->count)
        fail_usage(command, "--%s needs a value: %s", option->name, option->value);
    return a->at[a->next++];
}

static void take_long(Options *o, const char *text, Arguments *a) {
    size_t n = strcspn(text, "=");
    const Option *option = find_option(o, text, n, 0);
    if (!option)
        fail_option(o, text, n);
    apply(o, option, value_of(o, option, text[n] ? text + n + 1 : NULL, a));
}

/* -qv, -j4, -j 4 */
static void take_short(Options *o, const char *text, Arguments *a) {
    for (; *text; text++) {
        const Option *option = find_option(o, NULL, 0, *text);
        if (!option)
            fail_usage(COMMANDS[o->command].name, "no option -%c", *text);
        const char *joined = option->value && text[1] ? text + 1 : NULL;
        apply(o, option, value_of(o, option, joined, a));
        if (option->value)
            return;
    }
}

static bool find_command(const char *name, CommandId *out) {
    for (size_t i = 0; i < CMD_COUNT; i++)
        if (!strcmp(COMMANDS[i].name, name)) {
            *out = (CommandId)i;
            return true;
        }
    /* American spelling is welcome. */
    *out = CMD_ANALYSE;
    return !strcmp(name, "analyze");
}

/* What stands before the command: cognate --store X attribute FILE is taken as well. */
static int find_command_place(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            return i;
        if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
            help_write(false);
            exit(screen_close(EXIT_DONE));
        }
        if (!strcmp(argv[i], "--version")) {
            printf("cognate %s\n", cog_version());
            exit(screen_close(EXIT_DONE));
        }
        for (size_t k = 0; k < OPTION_COUNT; k++) {
            const Option *option = &OPTIONS[k];
            bool is_long = !strncmp(argv[i], "--", 2) && !strcmp(argv[i] + 2, option->name);
            bool is_short = argv[i][1] == option->letter && option->letter && !argv[i][2];
            if (is_long || is_short) {
                i += option->value != NULL; /* its value is the next argument */
                break;
            }
        }
    }
    help_write(true);
    exit(EXIT_USAGE);
}

static void take_help_command(int argc, char **argv, int place) {
    CommandId id;
    if (place + 1 >= argc) {
        help_write(false);
    } else {
        if (!find_command(argv[place + 1], &id))
            fail_command(argv[place + 1]);
        help_write_command(id);
    }
    exit(screen_close(EXIT_DONE));
}

/* ---- defaults ---- */

static unsigned processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
}

static const char *set_variable(const char *name) {
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

static const char *default_store(void) {
    static char path[4096];
    const char *named = set_variable("COGNATE_STORE"), *data = set_variable("XDG_DATA_HOME"),
               *home = set_variable("HOME");
    if (named)
        return named;
    /* The XDG base directory specification: a relative path is to be ignored. */
    if (data && data[0] == '/')
        snprintf(path, sizeof path, "%s/cognate/store", data);
    else
        snprintf(path, sizeof path, "%s/.local/share/cognate/store", home ? home : "");
    return path;
}

static void check_labels(const Options *o) {
    bool is_theirs = o->family || o->campaign || o->actor;
    if (o->goodware && (is_theirs || o->library))
        fail_usage("learn", "--goodware goes with no family, campaign, actor or library");
    if (o->library && is_theirs)
        fail_usage("learn", "--library goes with no family, campaign or actor");
}

void options_from_arguments(Options *o, int argc, char **argv) {
    *o = (Options){.jobs = processors(),
                   .timeout_ms = DEFAULT_TIMEOUT_S * 1000,
                   .max_mb = DEFAULT_MAX_MB,
                   .function_va = UINT64_MAX,
                   .top = 10};
    int place = find_command_place(argc, argv);
    if (!strcmp(argv[place], "help"))
        take_help_command(argc, argv, place);
    if (!find_command(argv[place], &o->command))
        fail_command(argv[place]);
    o->args = need(calloc((size_t)argc, sizeof *o->args));
    o->beside_paths = need(calloc((size_t)argc, sizeof *o->beside_paths));
    o->goodware_paths = need(calloc((size_t)argc, sizeof *o->goodware_paths));
    Arguments a = {argv, argc, 1};
    bool is_rest = false;
    while (a.next < argc) {
        int at = a.next++;
        const char *text = argv[at];
        if (at == place)
            continue;
        if (is_rest || text[0] != '-' || !text[1])
            o->args[o->arg_count++] = text;
        else if (!strcmp(text, "--"))
            is_rest = true;
        else if (text[1] == '-')
            take_long(o, text + 2, &a);
        else
            take_short(o, text + 1, &a);
    }
    const Command *command = &COMMANDS[o->command];
    if (o->arg_count < command->least)
        fail_usage(command->name, "%s needs %s", command->name, command->arguments);
    if (o->arg_count > command->most)
        fail_usage(command->name, "%s takes %s and no more", command->name, command->arguments);
    if (!o->store)
        o->store = default_store();
    check_labels(o);
}
