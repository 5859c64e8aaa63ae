/* SPDX-License-Identifier: Apache-2.0
 * options.h: the one table of commands and options. Parsing, help and shell completion all come
 * from it. */
#ifndef COG_APP_OPTIONS_H
#define COG_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum CommandId {
    CMD_ANALYSE,
    CMD_FUNCTIONS,
    CMD_STRINGS,
    CMD_ROUTINES,
    CMD_TRAITS,
    CMD_INDICATORS,
    CMD_LEARN,
    CMD_ATTRIBUTE,
    CMD_COMPARE,
    CMD_SEARCH,
    CMD_LINK,
    CMD_IMPORT,
    CMD_EXPORT,
    CMD_STORE,
    CMD_COMPLETION,
    CMD_COUNT
} CommandId;

typedef struct Options {
    CommandId command;
    /* everywhere */
    const char *store; /* resolved; owned by the environment or the arguments, or by options.c */
    bool json, quiet, verbose, no_color;
    /* per sample */
    unsigned jobs;
    uint64_t timeout_ms, max_mb;
    bool raw;
    const char *arch;
    uint64_t base;
    /* learn */
    const char *family, *campaign, *actor, *library, *source, *first_seen;
    bool goodware;
    /* attribute */
    const char *fail_on, *html;
    const char **beside_paths;
    size_t beside_count;
    /* link */
    const char *link_from, *link_to, *tree;
    /* export */
    const char *format;
    const char **goodware_paths;
    size_t goodware_count;
    /* search */
    uint64_t function_va; /* UINT64_MAX: each */
    unsigned top;
    /* store */
    const char *output; /* file, NULL: stdout */
    /* what is left */
    const char **args;
    size_t arg_count;
} Options;

typedef struct Command {
    const char *name;
    const char *arguments; /* "FILE..." */
    const char *summary;   /* one line */
    const char *examples;  /* lines */
    const char *more;      /* text below the options, or NULL */
    size_t least, most;    /* arguments */
    const char *words;     /* first argument: one of these, space-separated; NULL: files */
} Command;

typedef struct Option {
    const char *name;
    char letter;       /* 0 none */
    const char *value; /* "S", NULL for a flag */
    unsigned commands; /* bit mask over CommandId */
    const char *help;
    const char *words; /* values, space-separated; "file" and "folder" complete paths; NULL any */
    bool (*set)(Options *o, const char *value, const char **expected);
} Option;

extern const Command COMMANDS[CMD_COUNT];
extern const Option OPTIONS[];
extern const size_t OPTION_COUNT;

/* Ends the program on --help, --version and usage errors. */
void options_from_arguments(Options *o, int argc, char **argv);

void help_write(bool to_stderr);
void help_write_command(CommandId id);

#endif
