/* SPDX-License-Identifier: Apache-2.0
 * Headers that cannot all be true, and those that can: what a user is told about a file alone. */
#include "cog_test.h"

#include <stdio.h>

#include "image/image.h"
#include "judge/contradict.h"
#include "know/know.h"
#include "match/synthetic.h"

typedef struct Pe {
    Arena *arena;
    Features *f;
    CaseDates dates;
} Pe;

/* A library of Visual Studio 2019 16.11 with two imports, exports and resources: all is well. */
static Pe sound(void) {
    Pe x = {.arena = arena_new(1 << 20)};
    x.f = synthetic_new(x.arena, "sound.dll");
    x.f->format = FORMAT_PE;
    x.f->bits = 64;
    x.f->export_count = 1;
    for (unsigned i = 0; i < 2; i++)
        *VEC_ADD(x.arena, &x.f->imports) = (ImportFeature){i ? "VCRUNTIME140.dll" : "KERNEL32.dll",
                                                           i ? "memcpy" : "Sleep", 0x180001000};
    synthetic_trait(x.arena, x.f, TRAIT_RICH,
                    "1.0*3 255.30154*1 256.30154*1 258.30154*1 260.30154*4");
    synthetic_trait(x.arena, x.f, TRAIT_LINKER, "14.29");
    synthetic_trait(x.arena, x.f, TRAIT_COMPILE_TIME, "2023-05-02T10:00:00Z");
    synthetic_trait(x.arena, x.f, TRAIT_DEBUG_TIME, "2023-05-02T10:00:01Z");
    synthetic_trait(x.arena, x.f, TRAIT_RESOURCE_LANGUAGE, "0x0409 English");
    synthetic_trait(x.arena, x.f, TRAIT_PDB_PATH, "C:\\build\\x64\\Release\\sound.pdb");
    x.f->traits.at[0].off = 0x80;
    return x;
}

static void set(Pe *x, TraitKind kind, const char *value) {
    for (size_t i = 0; i < x->f->traits.count; i++)
        if (x->f->traits.at[i].kind == kind)
            x->f->traits.at[i].value = value;
}

/* The kinds found, as one text; frees the file. */
static void expect(Pe *x, const char *kinds) {
    ContradictionVec found = {0};
    char text[256] = "";
    contradict_file(x->f, x->dates, x->arena, &found);
    for (size_t i = 0; i < found.count; i++) {
        const Contradiction *c = &found.at[i];
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 contradiction_kind_name(c->kind));
        assert_true(c->statement[0] != 0 && c->log10_lr > 0 && c->spot_count > 0);
    }
    assert_string_equal(text, kinds);
    arena_free(x->arena);
}

static void test_a_real_file_has_none(void **state) {
    (void)state;
    Pe x = sound();
    x.dates = (CaseDates){.first_seen = know_time("2023-06-01"), .today = know_time("2024-01-01")};
    expect(&x, "");
    x = sound();
    set(&x, TRAIT_RICH, "odd text 7 99999999999999999999.5*1");
    expect(&x, "");
    x = sound();
    x.f->format = FORMAT_ELF; /* nothing to say */
    set(&x, TRAIT_LINKER, "2.30");
    expect(&x, "");
}

static void test_rich_header_of_another_file(void **state) {
    (void)state;
    Pe x = sound(); /* of a newer linker */
    set(&x, TRAIT_RICH, "1.0*3 255.33135*1 256.33135*1 258.33135*1");
    expect(&x, "rich_linker time_tool");
    x = sound(); /* that of Visual Studio 6.0, as in Olympic Destroyer */
    set(&x, TRAIT_RICH, "1.0*3 4.8447*1 6.1736*1 10.8804*4");
    expect(&x, "rich_linker rich_code");
    x = sound(); /* fewer imports than there are */
    set(&x, TRAIT_RICH, "1.0*1 255.30154*1 256.30154*1 258.30154*1");
    expect(&x, "rich_code");
    x = sound(); /* a program's, without exports */
    set(&x, TRAIT_RICH, "1.0*3 255.30154*1 258.30154*1");
    expect(&x, "rich_code");
    x = sound();
    x.f->notes[0] = (Note){NOTE_RICH_CHECKSUM, 0x80};
    x.f->note_count = 1;
    expect(&x, "rich_checksum");
    x = sound(); /* a Rich header in what GNU's linker made */
    set(&x, TRAIT_LINKER, "2.40");
    expect(&x, "rich_linker build_path");
}

static void test_times(void **state) {
    (void)state;
    Pe x = sound();
    set(&x, TRAIT_COMPILE_TIME, "2014-05-02T10:00:00Z");
    expect(&x, "time_tool time_parts");
    x = sound();
    x.dates.first_seen = know_time("2023-04-01");
    expect(&x, "time_first_seen");
    x = sound();
    x.dates.first_seen = know_time("2016-08-01"); /* seen before its tool was there, too */
    expect(&x, "time_first_seen time_first_seen");
    x = sound();
    x.dates.today = know_time("2023-01-01");
    expect(&x, "time_future");
}

static void test_build_path_of_another_processor(void **state) {
    (void)state;
    Pe x = sound();
    x.f->bits = 32;
    expect(&x, "build_path");
    x = sound();
    set(&x, TRAIT_PDB_PATH, "C:\\build\\Win32\\x64 port\\x64\\sound.pdb");
    expect(&x, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_real_file_has_none),
        cmocka_unit_test(test_rich_header_of_another_file),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_build_path_of_another_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
