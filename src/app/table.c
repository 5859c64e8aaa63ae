/* SPDX-License-Identifier: Apache-2.0
 * table.c: all commands and all options. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/label.h"
#include "app/options.h"

#define BIT(id) (1u << (id))
#define SHOWS                                                                                      \
    (BIT(CMD_ANALYSE) | BIT(CMD_FUNCTIONS) | BIT(CMD_STRINGS) | BIT(CMD_TRAITS) |                  \
     BIT(CMD_INDICATORS) | BIT(CMD_ROUTINES))
#define WITH_INPUTS                                                                                \
    (SHOWS | BIT(CMD_LEARN) | BIT(CMD_ATTRIBUTE) | BIT(CMD_COMPARE) | BIT(CMD_SEARCH) |            \
     BIT(CMD_EXPORT))
#define WITH_STORE                                                                                 \
    (BIT(CMD_LEARN) | BIT(CMD_ATTRIBUTE) | BIT(CMD_SEARCH) | BIT(CMD_LINK) | BIT(CMD_IMPORT) |     \
     BIT(CMD_EXPORT) | BIT(CMD_STORE))
#define WITH_RECORDS (WITH_INPUTS | BIT(CMD_LINK) | BIT(CMD_IMPORT) | BIT(CMD_STORE))
#define EVERYWHERE (BIT(CMD_COUNT) - 1)

const Command COMMANDS[CMD_COUNT] = {
    [CMD_ANALYSE] =
        {"analyse", "FILE...", "what is in a file; needs no store",
         "  cognate analyse sample.exe\n"
         "  cognate analyse --json samples/ | jq -r 'select(.type==\"image\") | .sha256'\n"
         "  cognate analyse --raw --arch x86 --base 0x10000 shellcode.bin\n",
         NULL, 1, SIZE_MAX, NULL},
    [CMD_FUNCTIONS] = {"functions", "FILE...", "the functions of a file and their signatures",
                       "  cognate functions sample.exe\n"
                       "  cognate functions --json sample.exe | jq -r '.va, .pic'\n",
                       NULL, 1, SIZE_MAX, NULL},
    [CMD_STRINGS] = {"strings", "FILE...", "the strings of a file and who refers to them",
                     "  cognate strings sample.exe\n"
                     "  unzip -p sample.zip | cognate strings -\n",
                     NULL, 1, SIZE_MAX, NULL},
    [CMD_ROUTINES] =
        {"routines", "FILE...", "ciphers, encoders, hashes: what they compute, keys and tables",
         "  cognate routines sample.exe\n"
         "  cognate routines --json sample.exe | jq -r '.algorithm, .parameters.key'\n",
         NULL, 1, SIZE_MAX, NULL},
    [CMD_TRAITS] =
        {"traits", "FILE...", "Rich header, imphash, PDB path, times, compiler and their like",
         "  cognate traits sample.exe\n"
         "  cognate traits --json *.dll | jq -r 'select(.kind==\"pdb_path\") | .value'\n",
         NULL, 1, SIZE_MAX, NULL},
    [CMD_INDICATORS] = {"indicators", "FILE...", "addresses, domains, mutexes, paths, keys",
                        "  cognate indicators sample.exe\n"
                        "  cognate indicators --json samples/ | jq -r .value | sort -u\n",
                        NULL, 1, SIZE_MAX, NULL},
    [CMD_LEARN] =
        {"learn", "PATH...", "add labelled reference samples to the store; again = no change",
         "  cognate learn --family Emotet --source \"our lab\" samples/emotet/\n"
         "  cognate learn --goodware /usr/bin\n"
         "  cognate learn --library openssl --source \"Debian 12\" libcrypto.so.3\n"
         "  cognate learn --actor \"Group 7\" --campaign 2024-spring --first-seen 2024-03-11 "
         "a.exe\n",
         "Labels are claims: --source says whose, --first-seen since when. Every sample of a "
         "folder\n"
         "or an archive gets the labels given. An interrupted run keeps what it has learned.\n",
         1, SIZE_MAX, NULL},
    [CMD_ATTRIBUTE] =
        {"attribute", "PATH...", "compare with the store, give a verdict for each sample",
         "  cognate attribute suspicious.exe\n"
         "  cognate attribute --json inbox/ > verdicts.jsonl\n"
         "  cognate attribute --html report.html --beside samples/heron/ suspicious.exe\n"
         "  cognate attribute --fail-on attributed,lineage upload.bin || quarantine upload.bin\n",
         "A verdict is never an exit code unless --fail-on asks for it: then a sample with one of\n"
         "the decisions named gives exit code 1. Decisions: attributed lineage unknown\n"
         "insufficient. With --first-seen, what was public only later counts as it stands, and a\n"
         "time or tool that is younger contradicts.\n"
         "--html writes one page about all of the samples, for people: the answer first, evidence\n"
         "down to addresses, functions side by side, links, times, the family's tree. It needs no\n"
         "network and holds no script. With --beside, what the functions of reference samples do\n"
         "stands beside.\n",
         1, SIZE_MAX, NULL},
    [CMD_COMPARE] =
        {"compare", "A B", "everything that two samples share, side by side",
         "  cognate compare old.exe new.exe\n"
         "  cognate compare --function 0x401000 old.exe new.exe\n"
         "  cognate compare --json old.exe new.exe | jq 'select(.score < 1)'\n",
         "A and B are one sample each. With --function, one function of A and its partner in B\n"
         "stand side by side, aligned by what they compute: ~ similar, ^ moved, < only in A,\n"
         "> only in B.\n",
         2, 2, NULL},
    [CMD_SEARCH] = {"search", "FILE...", "nearest known functions for one function, or for each",
                    "  cognate search --function 0x401000 sample.exe\n"
                    "  cognate search --top 3 --json sample.exe\n",
                    NULL, 1, SIZE_MAX, NULL},
    [CMD_LINK] =
        {"link", "",
         "why samples, campaigns and actors are connected: the paths and their weakest steps",
         "  cognate link --from \"MND 2016\" --to \"ATM 2017\"\n"
         "  cognate link --from 192.0.2.7\n"
         "  cognate link --json --to Andariel | jq '.weakest.statement'\n"
         "  cognate link --tree Heron\n",
         "A name is that of an actor, campaign, incident, family or report (or an alias: all who\n"
         "bear it are taken), an indicator, or the SHA-256 of a sample. With one name: what is "
         "near.\n"
         "Without: incidents and campaigns with each other. Each step says who says so; what "
         "leads\n"
         "through a public tool, malware for sale or a shared host counts for next to nothing.\n"
         "--tree joins the samples of a family by the code that they share (neighbour joining) "
         "and\ngives the tree as text, and as Newick for other programs.\n",
         0, 0, NULL},
    [CMD_IMPORT] =
        {"import", "FILE...",
         "read what others know: STIX, MISP, lists, passive DNS; again = no change",
         "  cognate import enterprise-attack.json\n"
         "  cognate import misp-galaxy/clusters/ feeds/event.json\n"
         "  cognate import --source \"our CERT\" indicators.csv\n"
         "  cognate import dns.jsonl certificates.pem GeoLite2-ASN.mmdb\n"
         "  cognate import --json trails/ | jq 'select(.type==\"import_problem\")'\n",
         "STIX 2.0 and 2.1 bundles (ATT&CK too), MISP events and galaxies, CSV, text with one\n"
         "indicator a line (\"# Reference: URL\" groups them by report), passive DNS (COF),\n"
         "X.509 certificates, MaxMind DB (of the addresses that the store knows by then): told by\n"
         "content. What is read are claims, each with who says so, when and how sure; conflicting\n"
         "ones stay side by side. A record that cannot be read is reported with its line and\n"
         "skipped. No network is asked for anything.\n",
         1, SIZE_MAX, NULL},
    [CMD_EXPORT] =
        {"export", "[NAME...|FILE...]", "what is known or found, for other tools",
         "  cognate export --format stix > known.json\n"
         "  cognate export --format misp --output event.json \"heron report\"\n"
         "  cognate export --format navigator Andariel > layer.json\n"
         "  cognate export --format csv | grep ^domain\n"
         "  cognate export --format stix suspicious.exe > verdict.json\n"
         "  cognate export --format yara --goodware /usr/bin samples/heron/ > heron.yar\n",
         "Without a name: all knowledge. With names: these entities and what claims join to them.\n"
         "With files or folders: the verdicts about these samples (stix, misp, csv).\n"
         "  stix       a STIX 2.1 bundle; importing it gives the same claims\n"
         "  misp       MISP events, one for each report or list\n"
         "  csv        indicators, one a line, with the report that lists them\n"
         "  navigator  a layer of the ATT&CK Navigator: how many are said to use a technique\n"
         "  yara       a rule for each family of the samples FILE..., of code that the store "
         "knows\n"
         "             in no library, goodware or other family; tested before it is written: it "
         "hits\n"
         "             all of them and nothing in --goodware\n",
         0, SIZE_MAX, NULL},
    [CMD_STORE] =
        {"store", "stat|verify|compact|remove|pack|unpack ...", "upkeep of the store",
         "  cognate store stat\n"
         "  cognate store verify\n"
         "  cognate store remove SHA256\n"
         "  cognate store pack --output share.cogpack\n"
         "  cognate store unpack share.cogpack\n",
         "  stat             how much is in it\n"
         "  verify           read and check all of it; exit code 1 when something is wrong\n"
         "  compact          merge the segments, give space back\n"
         "  remove SHA256... forget samples\n"
         "  pack [SHA256...] features and labels of all samples, or of those, without any binary\n"
         "  unpack FILE...   learn from packs\n",
         1, SIZE_MAX, "stat verify compact remove pack unpack"},
    [CMD_COMPLETION] = {"completion", "bash|zsh|fish", "a completion script for a shell",
                        "  cognate completion bash > ~/.local/share/bash-completion/completions/"
                        "cognate\n"
                        "  cognate completion fish > ~/.config/fish/completions/cognate.fish\n",
                        NULL, 1, 1, "bash zsh fish"},
};

/* ---- values ---- */

static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *out) {
    char *end;
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out = strtoull(text, &end, is_hex ? 16 : 10);
    return errno == 0 && *end == 0 && end != text + (is_hex ? 2 : 0) && *out >= least &&
           *out <= most;
}

#define SET_TEXT(field)                                                                            \
    static bool set_##field(Options *o, const char *value, const char **expected) {                \
        *expected = "something";                                                                   \
        o->field = value;                                                                          \
        return value[0] != 0;                                                                      \
    }
#define SET_LABEL(field)                                                                           \
    static bool set_##field(Options *o, const char *value, const char **expected) {                \
        *expected = "1 to 256 bytes of UTF-8 without control characters";                          \
        o->field = value;                                                                          \
        return label_is_valid(value);                                                              \
    }
#define SET_FLAG(field)                                                                            \
    static bool set_##field(Options *o, const char *value, const char **expected) {                \
        (void)value;                                                                               \
        (void)expected;                                                                            \
        o->field = true;                                                                           \
        return true;                                                                               \
    }

SET_TEXT(store)
SET_TEXT(output)
SET_TEXT(link_from)
SET_TEXT(link_to)
SET_TEXT(html)
SET_TEXT(tree)

static bool set_format(Options *o, const char *value, const char **expected) {
    *expected = "stix, misp, yara, csv or navigator";
    o->format = value;
    return !strcmp(value, "yara") || !strcmp(value, "stix") || !strcmp(value, "misp") ||
           !strcmp(value, "csv") || !strcmp(value, "navigator");
}

SET_LABEL(family)
SET_LABEL(campaign)
SET_LABEL(actor)
SET_LABEL(library)
SET_LABEL(source)
SET_FLAG(json)
SET_FLAG(quiet)
SET_FLAG(verbose)
SET_FLAG(no_color)
SET_FLAG(raw)
SET_FLAG(goodware)

static bool set_beside(Options *o, const char *value, const char **expected) {
    *expected = "a file or folder";
    o->beside_paths[o->beside_count++] = value;
    return value[0] != 0;
}

static bool set_goodware_path(Options *o, const char *value, const char **expected) {
    *expected = "a file or folder";
    o->goodware_paths[o->goodware_count++] = value;
    return value[0] != 0;
}

static bool set_first_seen(Options *o, const char *value, const char **expected) {
    *expected = "a date as 2024-03-11 or 2024-03-11T08:00:00Z";
    o->first_seen = value;
    return label_is_date(value);
}

static bool set_arch(Options *o, const char *value, const char **expected) {
    *expected = "x86, x86-64, aarch64, arm or thumb";
    o->arch = value;
    o->raw = true;
    return !strcmp(value, "x86") || !strcmp(value, "x86-64") || !strcmp(value, "aarch64") ||
           !strcmp(value, "arm") || !strcmp(value, "thumb");
}

static bool set_base(Options *o, const char *value, const char **expected) {
    *expected = "an address such as 0x10000";
    o->raw = true;
    return read_number(value, 0, UINT64_MAX, &o->base);
}

static bool set_function(Options *o, const char *value, const char **expected) {
    *expected = "an address such as 0x401000";
    return read_number(value, 0, UINT64_MAX - 1, &o->function_va);
}

static bool set_jobs(Options *o, const char *value, const char **expected) {
    uint64_t n;
    *expected = "a number from 1 to 256";
    if (!read_number(value, 1, 256, &n))
        return false;
    o->jobs = (unsigned)n;
    return true;
}

static bool set_top(Options *o, const char *value, const char **expected) {
    uint64_t n;
    *expected = "a number from 1 to 1000";
    if (!read_number(value, 1, 1000, &n))
        return false;
    o->top = (unsigned)n;
    return true;
}

static bool set_max_mb(Options *o, const char *value, const char **expected) {
    *expected = "a number from 16 to 65536";
    return read_number(value, 16, 65536, &o->max_mb);
}

static bool set_timeout(Options *o, const char *value, const char **expected) {
    char *end;
    *expected = "seconds, 0 (none) to 86400";
    double seconds = strtod(value, &end);
    if (end == value || *end || !isfinite(seconds) || seconds < 0 || seconds > 86400)
        return false;
    o->timeout_ms = (uint64_t)(seconds * 1000 + 0.5);
    return true;
}

static bool set_fail_on(Options *o, const char *value, const char **expected) {
    static const char *const WORDS[] = {"attributed", "lineage", "unknown", "insufficient"};
    *expected = "attributed, lineage, unknown or insufficient (several with commas)";
    o->fail_on = value;
    for (const char *at = value;;) {
        size_t n = strcspn(at, ",");
        bool is_known = false;
        for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
            is_known |= strlen(WORDS[i]) == n && !strncmp(WORDS[i], at, n);
        if (!is_known)
            return false;
        if (!at[n])
            return true;
        at += n + 1;
    }
}

/* --help and --version are known to the parser and stand here for help and completion. */
static bool set_nothing(Options *o, const char *value, const char **expected) {
    (void)o;
    (void)value;
    (void)expected;
    return true;
}

const Option OPTIONS[] = {
    {"family", 0, "F", BIT(CMD_LEARN) | BIT(CMD_EXPORT), "malware family of the samples", NULL,
     set_family},
    {"campaign", 0, "C", BIT(CMD_LEARN), "campaign they belong to", NULL, set_campaign},
    {"actor", 0, "A", BIT(CMD_LEARN), "actor (intrusion set) said to be behind them", NULL,
     set_actor},
    {"goodware", 0, NULL, BIT(CMD_LEARN), "harmless programs: what they share proves nothing", NULL,
     set_goodware},
    {"goodware", 0, "PATH", BIT(CMD_EXPORT), "yara: no rule may hit these; may be given again",
     "file", set_goodware_path},
    {"library", 0, "NAME", BIT(CMD_LEARN), "code of a library, named", NULL, set_library},
    {"source", 0, "S", BIT(CMD_LEARN) | BIT(CMD_IMPORT), "who says so", NULL, set_source},
    {"first-seen", 0, "DATE", BIT(CMD_LEARN) | BIT(CMD_ATTRIBUTE),
     "2024-03-11 or 2024-03-11T08:00:00Z", NULL, set_first_seen},
    {"fail-on", 0, "WORD", BIT(CMD_ATTRIBUTE), "exit code 1 when a verdict decides WORD",
     "attributed lineage unknown insufficient", set_fail_on},
    {"html", 0, "FILE", BIT(CMD_ATTRIBUTE), "write a page for people to this file", "file",
     set_html},
    {"beside", 0, "PATH", BIT(CMD_ATTRIBUTE),
     "html: files of references, whose functions stand beside; may be given again", "file",
     set_beside},
    {"format", 0, "FORMAT", BIT(CMD_EXPORT), "stix, misp, yara, csv or navigator",
     "stix misp yara csv navigator", set_format},
    {"from", 0, "X", BIT(CMD_LINK), "one end of the link", NULL, set_link_from},
    {"to", 0, "Y", BIT(CMD_LINK), "the other end", NULL, set_link_to},
    {"tree", 0, "FAMILY", BIT(CMD_LINK), "how the family's samples descend from each other", NULL,
     set_tree},
    {"function", 0, "VA", BIT(CMD_SEARCH) | BIT(CMD_COMPARE),
     "only the function that starts at this address (compare: in A)", NULL, set_function},
    {"top", 0, "K", BIT(CMD_SEARCH) | BIT(CMD_LINK), "at most so many (10)", NULL, set_top},
    {"output", 'o', "FILE", BIT(CMD_STORE) | BIT(CMD_EXPORT),
     "pack, export: write to this file instead of stdout", "file", set_output},
    {"raw", 0, NULL, WITH_INPUTS, "take files as raw code, whatever header they have", NULL,
     set_raw},
    {"arch", 0, "ARCH", WITH_INPUTS,
     "raw code: x86, x86-64 (guessed), aarch64, arm, thumb; implies --raw",
     "x86 x86-64 aarch64 arm thumb", set_arch},
    {"base", 0, "VA", WITH_INPUTS, "address of the first byte of raw code; implies --raw", NULL,
     set_base},
    {"store", 0, "PATH", WITH_STORE,
     "folder of the store ($COGNATE_STORE, else $XDG_DATA_HOME/cognate/store)", "folder",
     set_store},
    {"json", 0, NULL, WITH_RECORDS, "JSON Lines records on stdout", NULL, set_json},
    {"jobs", 'j', "N", WITH_INPUTS, "samples at the same time (number of processors)", NULL,
     set_jobs},
    {"timeout", 0, "S", WITH_INPUTS, "seconds for one sample (300; 0 = no limit)", NULL,
     set_timeout},
    {"max-mb", 0, "M", WITH_INPUTS, "MiB of memory for one sample (1024)", NULL, set_max_mb},
    {"quiet", 'q', NULL, EVERYWHERE, "nothing on stderr but errors; no summary", NULL, set_quiet},
    {"verbose", 'v', NULL, EVERYWHERE, "more on stderr", NULL, set_verbose},
    {"no-color", 0, NULL, EVERYWHERE, "no colours (NO_COLOR does the same)", NULL, set_no_color},
    {"help", 'h', NULL, EVERYWHERE, "this text", NULL, set_nothing},
    {"version", 0, NULL, EVERYWHERE, "the version", NULL, set_nothing},
};
const size_t OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS;
