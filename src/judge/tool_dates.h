/* SPDX-License-Identifier: Apache-2.0
 * tool_dates.h: which tools a PE says it was made with, and since when they exist.
 * Sources: product ids and builds of the Rich header, github.com/dishather/richprint, comp_id.txt
 * at 005eb26; dates of release, Microsoft's lists of Visual Studio releases (majors: as in
 * gist.github.com/Ruzzz/c23ecc22bff73ac44d1b2037f2f97b43); GCC, gcc.gnu.org/releases.html; Go,
 * go.dev/doc/devel/release. Checked: of 766 PE files with a Rich header each has the linker version
 * that its row says, and none of the 690 with a time is older than 11 days after its row's date. */
#ifndef COG_JUDGE_TOOL_DATES_H
#define COG_JUDGE_TOOL_DATES_H

#include <stdint.h>

/* A linker's record. From 2015 on the product ids stay and the build tells the minor version; a row
 * holds from first_build to the next row. first_build lies between the last build of one version
 * and the first of the next, previews included. */
typedef struct MsvcTool {
    uint16_t linker, resources, exports; /* product ids of its three records; exports 0: none */
    uint16_t first_build;
    uint8_t major, minor;
    uint32_t released; /* YYYYMMDD; 0 not known */
    const char *name;
} MsvcTool;

static const MsvcTool MSVC_TOOLS[] = {
    {0x04, 0x06, 0, 0, 6, 0, 19980609, "Visual Studio 6.0"},
    {0x3d, 0x45, 0x3f, 0, 7, 0, 20020213, "Visual Studio 2002"},
    {0x5a, 0x5e, 0x5c, 0, 7, 10, 20030424, "Visual Studio 2003"},
    {0x78, 0x7c, 0x7a, 0, 8, 0, 20040310, "Visual Studio 2005 (driver kit)"},
    {0x78, 0x7c, 0x7a, 50727, 8, 0, 20051107, "Visual Studio 2005"},
    {0x91, 0x94, 0x92, 0, 9, 0, 20070706, "Visual Studio 2008 (preview)"},
    {0x91, 0x94, 0x92, 21022, 9, 0, 20071119, "Visual Studio 2008"},
    {0x9d, 0x9a, 0x9b, 0, 10, 0, 20090506, "Visual Studio 2010 (preview)"},
    {0x9d, 0x9a, 0x9b, 30319, 10, 0, 20100412, "Visual Studio 2010"},
    {0xcc, 0xc9, 0xca, 0, 11, 0, 20120815, "Visual Studio 2012"},
    {0xde, 0xdb, 0xdc, 0, 12, 0, 20131017, "Visual Studio 2013"},
    {0x102, 0xff, 0x100, 0, 14, 0, 20150720, "Visual Studio 2015"},
    {0x102, 0xff, 0x100, 24900, 14, 10, 20170307, "Visual Studio 2017"},
    {0x102, 0xff, 0x100, 25400, 14, 11, 20170814, "Visual Studio 2017 15.3"},
    {0x102, 0xff, 0x100, 25700, 14, 12, 20171204, "Visual Studio 2017 15.5"},
    {0x102, 0xff, 0x100, 26000, 14, 13, 20180305, "Visual Studio 2017 15.6"},
    {0x102, 0xff, 0x100, 26300, 14, 14, 20180507, "Visual Studio 2017 15.7"},
    {0x102, 0xff, 0x100, 26600, 14, 15, 20180814, "Visual Studio 2017 15.8"},
    {0x102, 0xff, 0x100, 26900, 14, 16, 20181113, "Visual Studio 2017 15.9"},
    {0x102, 0xff, 0x100, 27300, 14, 20, 20190402, "Visual Studio 2019"},
    {0x102, 0xff, 0x100, 27600, 14, 21, 20190521, "Visual Studio 2019 16.1"},
    {0x102, 0xff, 0x100, 27800, 14, 22, 20190724, "Visual Studio 2019 16.2"},
    {0x102, 0xff, 0x100, 28000, 14, 23, 20190923, "Visual Studio 2019 16.3"},
    {0x102, 0xff, 0x100, 28250, 14, 24, 20191203, "Visual Studio 2019 16.4"},
    {0x102, 0xff, 0x100, 28500, 14, 25, 20200316, "Visual Studio 2019 16.5"},
    {0x102, 0xff, 0x100, 28700, 14, 26, 20200519, "Visual Studio 2019 16.6"},
    {0x102, 0xff, 0x100, 29000, 14, 27, 20200805, "Visual Studio 2019 16.7"},
    {0x102, 0xff, 0x100, 29250, 14, 28, 20201110, "Visual Studio 2019 16.8"},
    {0x102, 0xff, 0x100, 29980, 14, 29, 20210525, "Visual Studio 2019 16.10"},
    {0x102, 0xff, 0x100, 30300, 14, 30, 20211108, "Visual Studio 2022"},
    {0x102, 0xff, 0x100, 30790, 14, 31, 20220215, "Visual Studio 2022 17.1"},
    {0x102, 0xff, 0x100, 31250, 14, 32, 20220510, "Visual Studio 2022 17.2"},
    {0x102, 0xff, 0x100, 31500, 14, 33, 20220809, "Visual Studio 2022 17.3"},
    {0x102, 0xff, 0x100, 31800, 14, 34, 20221108, "Visual Studio 2022 17.4"},
    {0x102, 0xff, 0x100, 32100, 14, 35, 20230221, "Visual Studio 2022 17.5"},
    {0x102, 0xff, 0x100, 32400, 14, 36, 20230516, "Visual Studio 2022 17.6"},
    {0x102, 0xff, 0x100, 32700, 14, 37, 20230808, "Visual Studio 2022 17.7"},
    {0x102, 0xff, 0x100, 33000, 14, 38, 20231114, "Visual Studio 2022 17.8"},
    {0x102, 0xff, 0x100, 33350, 14, 39, 20240213, "Visual Studio 2022 17.9"},
    {0x102, 0xff, 0x100, 33650, 14, 40, 20240521, "Visual Studio 2022 17.10"},
    {0x102, 0xff, 0x100, 34000, 14, 41, 20240813, "Visual Studio 2022 17.11"},
    {0x102, 0xff, 0x100, 34350, 14, 42, 20241112, "Visual Studio 2022 17.12"},
    {0x102, 0xff, 0x100, 34700, 14, 43, 20250211, "Visual Studio 2022 17.13"},
    {0x102, 0xff, 0x100, 35100, 14, 44, 20250513, "Visual Studio 2022 17.14"},
    {0x102, 0xff, 0x100, 35600, 14, 50, 0, "Visual Studio 2026"},
};

/* Compilers that name their version in a text of the program. */
typedef struct NamedTool {
    const char *prefix; /* of the version in a compiler trait */
    uint16_t major, minor;
    uint32_t released;
} NamedTool;

static const NamedTool NAMED_TOOLS[] = {
    {"GCC:", 4, 0, 20050420},  {"GCC:", 4, 4, 20090421},  {"GCC:", 4, 5, 20100414},
    {"GCC:", 4, 6, 20110325},  {"GCC:", 4, 7, 20120322},  {"GCC:", 4, 8, 20130322},
    {"GCC:", 4, 9, 20140422},  {"GCC:", 5, 0, 20150422},  {"GCC:", 6, 0, 20160427},
    {"GCC:", 7, 0, 20170502},  {"GCC:", 8, 0, 20180502},  {"GCC:", 9, 0, 20190503},
    {"GCC:", 10, 0, 20200507}, {"GCC:", 11, 0, 20210427}, {"GCC:", 12, 0, 20220506},
    {"GCC:", 13, 0, 20230426}, {"GCC:", 14, 0, 20240507}, {"GCC:", 15, 0, 20250425},
    {"go1.", 5, 0, 20150819},  {"go1.", 8, 0, 20170216},  {"go1.", 10, 0, 20180216},
    {"go1.", 12, 0, 20190225}, {"go1.", 14, 0, 20200225}, {"go1.", 16, 0, 20210216},
    {"go1.", 17, 0, 20210816}, {"go1.", 18, 0, 20220315}, {"go1.", 19, 0, 20220802},
    {"go1.", 20, 0, 20230201}, {"go1.", 21, 0, 20230808}, {"go1.", 22, 0, 20240206},
    {"go1.", 23, 0, 20240813}, {"go1.", 24, 0, 20250211}, {"go1.", 25, 0, 20250812},
};

/* Run-time libraries that came with a version of the linker: no older one links them. */
typedef struct RuntimeLibrary {
    const char *module; /* its name begins so, in lower case */
    uint8_t major, minor;
} RuntimeLibrary;

static const RuntimeLibrary RUNTIME_LIBRARIES[] = {
    {"vcruntime140", 14, 0}, {"msvcp140", 14, 0}, {"api-ms-win-crt-", 14, 0}, {"ucrtbase.", 14, 0},
    {"msvcr120", 12, 0},     {"msvcp120", 12, 0}, {"msvcr110", 11, 0},        {"msvcp110", 11, 0},
    {"msvcr100", 10, 0},     {"msvcp100", 10, 0}, {"msvcr90", 9, 0},          {"msvcp90", 9, 0},
    {"msvcr80", 8, 0},       {"msvcp80", 8, 0},   {"msvcr71", 7, 10},         {"msvcp71", 7, 10},
};

#endif
