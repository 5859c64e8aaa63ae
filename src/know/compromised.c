/* SPDX-License-Identifier: Apache-2.0 */
#include "know/compromised.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "know/value.h"

/* Folders that these systems bring along (WordPress's and Joomla's from listings of their
 * distributions, the others from use). Of 1,071 hosts with a path in maltrail's lists by actor
 * (8adace1), 251 have one of WordPress's, 66 of GNUBOARD's, 9 of Joomla's, none of the others'. */
static const struct {
    const char *folder, *system;
} FOLDERS[] = {
    {"/wp-admin/", "WordPress"},
    {"/wp-content/", "WordPress"},
    {"/wp-includes/", "WordPress"},
    {"/administrator/components/", "Joomla"},
    {"/administrator/modules/", "Joomla"},
    {"/components/com_", "Joomla"},
    {"/modules/mod_", "Joomla"},
    {"/plugins/content/", "Joomla"},
    {"/plugins/editors/", "Joomla"},
    {"/plugins/system/", "Joomla"},
    {"/sites/all/modules/", "Drupal"},
    {"/sites/default/files/", "Drupal"},
    {"/typo3conf/", "TYPO3"},
    {"/typo3temp/", "TYPO3"},
    {"/gnuboard4/", "GNUBOARD"},
    {"/gnuboard5/", "GNUBOARD"},
    {"/zeroboard/", "Zeroboard"},
};

const char *compromised_cms(const char *url) {
    const char *path = strchr(know_url_rest(url), '/');
    for (; path; path = strchr(path + 1, '/'))
        for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++)
            if ((path[1] | 32) == FOLDERS[i].folder[1] &&
                strncasecmp(path, FOLDERS[i].folder, strlen(FOLDERS[i].folder)) == 0)
                return FOLDERS[i].system;
    return NULL;
}

static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* As a word of its own; the text behind it, or NULL. */
static const char *after(const char *text, const char *word) {
    size_t n = strlen(word);
    for (const char *at = text; *at; at++)
        if ((*at | 32) == *word && (at == text || !is_letter(at[-1])) &&
            strncasecmp(at, word, n) == 0 && !is_letter(at[n]))
            return at + n;
    return NULL;
}

bool compromised_says(const char *comment) {
    static const char *const states[] = {"compromised", "hacked", "hijacked"};
    static const char *const things[] = {
        "site",  "sites",  "website", "websites", "server",  "servers", "host",
        "hosts", "domain", "domains", "router",   "routers", "web",     "infrastructure"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        const char *rest = after(comment, states[i]);
        /* Alone, or of a site: "compromised account" is none. */
        bool is_alone = rest && rest[strspn(rest, " .;,)")] == 0;
        for (size_t k = 0; rest && !is_alone && k < sizeof things / sizeof *things; k++)
            is_alone = after(comment, things[k]) != NULL;
        if (is_alone)
            return !after(comment, "not") && !after(comment, "no");
    }
    return false;
}

bool compromised_write(KnowValueKind kind, const char *value, char out[KNOW_PAIR_BYTES]) {
    int n = snprintf(out, KNOW_PAIR_BYTES, "%s %s", know_value_name(kind), value);
    return n > 0 && n < KNOW_PAIR_BYTES;
}

KnowValueKind compromised_read(const char *text, const char **value) {
    char name[32];
    size_t n = strcspn(text, " ");
    if (n >= sizeof name || text[n] == 0)
        return KNOW_VALUE_COUNT;
    memcpy(name, text, n);
    name[n] = 0;
    *value = text + n + 1;
    return know_value_from_name(name);
}
