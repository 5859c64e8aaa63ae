/* SPDX-License-Identifier: Apache-2.0
 * help.c: help from the table, examples first. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"

void help_write(bool to_stderr) {
    FILE *out = to_stderr ? stderr : stdout;
    fputs("cognate finds who made a program: what it shares with known samples, and what that\n"
          "proves.\n\n"
          "Examples:\n"
          "  cognate analyse sample.exe                  what is in it\n"
          "  cognate learn --family Emotet samples/      what belongs to whom\n"
          "  cognate attribute suspicious.exe            whose it is, and why\n"
          "  cognate compare old.exe new.exe             what two samples share\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < CMD_COUNT; i++)
        fprintf(out, "  %-12s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    fputs("\nOptions of every command: --json --quiet --verbose --no-color --help --version\n"
          "Exit codes: 0 done, 1 failed, 2 usage, 3 some inputs failed.\n"
          "More: cognate COMMAND --help\n",
          out);
}

static void write_option(const Option *option) {
    char left[40];
    const char *value = option->value ? option->value : "";
    if (option->letter)
        snprintf(left, sizeof left, "-%c, --%s %s", option->letter, option->name, value);
    else
        snprintf(left, sizeof left, "    --%s %s", option->name, value);
    printf("  %-22s %s\n", left, option->help);
}

void help_write_command(CommandId id) {
    const Command *c = &COMMANDS[id];
    printf("cognate %s: %s\n\nExamples:\n%s\nUsage: cognate %s [options] %s\n", c->name, c->summary,
           c->examples, c->name, c->arguments);
    if (c->more)
        printf("\n%s", c->more);
    printf("\nOptions:\n");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (OPTIONS[i].commands & 1u << id)
            write_option(&OPTIONS[i]);
    bool has_files = !c->words && id != CMD_COMPARE;
    if (has_files)
        printf("\nFolders and archives (zip also with the password \"infected\") are walked; - is\n"
               "standard input. What cannot be read gives a failure record and exit code 3.\n");
}
