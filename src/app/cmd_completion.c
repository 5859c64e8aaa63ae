/* SPDX-License-Identifier: Apache-2.0
 * cmd_completion.c: completion scripts, from the same table as the help. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"

static bool takes(const Option *option, size_t command) { return option->commands >> command & 1u; }

/* ---- bash ---- */

static void write_bash_values(void) {
    printf("    case $prev in\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &OPTIONS[i];
        if (!option->value)
            continue;
        printf("    --%s) ", option->name);
        if (!option->words)
            printf("return ;;\n");
        else if (!strcmp(option->words, "file"))
            printf("COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
        else if (!strcmp(option->words, "folder"))
            printf("COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n");
        else
            printf("COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", option->words);
    }
    printf("    esac\n");
}

static void write_bash(void) {
    printf(
        "# bash completion for cognate\n_cognate() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word command=\n"
        "    local options= words=\n    COMPREPLY=()\n");
    write_bash_values();
    printf("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n        case $word in\n");
    for (size_t c = 0; c < CMD_COUNT; c++)
        printf("%s%s", c ? "|" : "        ", COMMANDS[c].name);
    printf(") command=$word; break ;;\n        esac\n    done\n    case $command in\n");
    for (size_t c = 0; c < CMD_COUNT; c++) {
        printf("    %s) options='", COMMANDS[c].name);
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if (takes(&OPTIONS[i], c))
                printf("--%s ", OPTIONS[i].name);
        printf("'; words='%s' ;;\n", COMMANDS[c].words ? COMMANDS[c].words : "");
    }
    printf("    '') options='--help --version'; words='");
    for (size_t c = 0; c < CMD_COUNT; c++)
        printf("%s ", COMMANDS[c].name);
    printf("' ;;\n    esac\n"
           "    if [[ $cur == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
           "    elif [[ $words && $prev == \"${command:-$prev}\" ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "    else\n"
           "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
           "    fi\n}\ncomplete -o filenames -F _cognate cognate\n");
}

/* ---- zsh ---- */

/* Inside single quotes and the brackets of _arguments. */
static void write_quoted(const char *text) {
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void write_zsh_option(const Option *option) {
    printf("        '--%s%s[", option->name, option->value ? "=" : "");
    write_quoted(option->help);
    printf("]");
    if (option->value) {
        printf(":%s:", option->value);
        if (option->words && !strcmp(option->words, "file"))
            printf("_files");
        else if (option->words && !strcmp(option->words, "folder"))
            printf("_files -/");
        else if (option->words)
            printf("(%s)", option->words);
    }
    printf("'\n");
}

static void write_zsh(void) {
    printf("#compdef cognate\n_cognate() {\n    local -a commands=(\n");
    for (size_t c = 0; c < CMD_COUNT; c++) {
        printf("        '%s:", COMMANDS[c].name);
        write_quoted(COMMANDS[c].summary);
        printf("'\n");
    }
    printf("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n"
           "        return\n    fi\n    local -a options\n    case $words[2] in\n");
    for (size_t c = 0; c < CMD_COUNT; c++) {
        printf("    %s) options=(\n", COMMANDS[c].name);
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if (takes(&OPTIONS[i], c))
                write_zsh_option(&OPTIONS[i]);
        if (COMMANDS[c].words)
            printf("        '1:word:(%s)'\n", COMMANDS[c].words);
        printf("        '*:file:_files') ;;\n");
    }
    printf("    esac\n    shift words\n    (( CURRENT-- ))\n    _arguments -s $options\n}\n"
           "compdef _cognate cognate\n");
}

/* ---- fish ---- */

static void write_fish_text(const char *text) {
    putchar('\'');
    for (; *text; text++)
        printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    putchar('\'');
}

static void write_fish(void) {
    printf("# fish completion for cognate\n");
    for (size_t c = 0; c < CMD_COUNT; c++) {
        printf("complete -c cognate -n __fish_use_subcommand -f -a %s -d ", COMMANDS[c].name);
        write_fish_text(COMMANDS[c].summary);
        putchar('\n');
        if (COMMANDS[c].words)
            printf("complete -c cognate -n '__fish_seen_subcommand_from %s' -f -a '%s'\n",
                   COMMANDS[c].name, COMMANDS[c].words);
    }
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &OPTIONS[i];
        printf("complete -c cognate -n '__fish_seen_subcommand_from");
        for (size_t c = 0; c < CMD_COUNT; c++)
            if (takes(option, c))
                printf(" %s", COMMANDS[c].name);
        printf("' -l %s", option->name);
        if (option->letter)
            printf(" -s %c", option->letter);
        if (option->value)
            printf(" -r");
        bool is_path =
            option->words && (!strcmp(option->words, "file") || !strcmp(option->words, "folder"));
        if (option->words && !is_path)
            printf(" -f -a '%s'", option->words);
        printf(" -d ");
        write_fish_text(option->help);
        putchar('\n');
    }
}

int cmd_completion(const Options *o) {
    if (!strcmp(o->args[0], "bash"))
        write_bash();
    else if (!strcmp(o->args[0], "zsh"))
        write_zsh();
    else if (!strcmp(o->args[0], "fish"))
        write_fish();
    else
        fail_usage("completion", "%s: expected %s", o->args[0], COMMANDS[CMD_COMPLETION].words);
    return EXIT_DONE;
}
