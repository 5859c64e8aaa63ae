/* SPDX-License-Identifier: Apache-2.0
 * Vectors: HashDB's (github.com/OALabs/hashdb, algorithms/, TEST_1): of one text, the older ones of
 * "test"; MurmurHash3 of "test" as its literature has it. */
#include "cog_test.h"

#include <string.h>

#include "unwrap/apihash.h"

static const char TEXT[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static const Bytes SHORT = {(const uint8_t *)"test", 4};

static Bytes text(void) { return (Bytes){(const uint8_t *)TEXT, sizeof TEXT - 1}; }

static const ApiHash *named(const char *name) {
    for (size_t i = 0; i < API_HASH_COUNT; i++)
        if (strcmp(API_HASHES[i].name, name) == 0)
            return &API_HASHES[i];
    fail_msg("no %s", name);
    return NULL;
}

static void test_vectors(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint64_t value;
        bool is_short; /* of "test" */
    } vectors[] = {
        {"ror13", 3952613812, true},
        {"ror13-add-last", 3953483048, false},
        {"ror13-sub-1", 3952613811, true},
        {"ror13-upper", 3425182084, false},
        {"ror13-negative", 2879724788, false},
        {"ror13-upper-add-10", 3425182094, false},
        {"djb2", 205455184, false},
        {"djb2-upper", 3792689168, false},
        {"djb2-lower", 1274984080, false},
        {"djb2-and-df", 2089570277, true},
        {"djb2-8952-upper", 0xdd4de543, false},
        {"djb2-5385-upper", 2671650580, false},
        {"djb2-3698-upper", 3023272509, false},
        {"djb2-xor-3c389abc", 2819429408, false},
        {"mul33", 4282592, true},
        {"mul33-170f", 4233774810, false},
        {"sdbm", 3172443423, false},
        {"sdbm-xor-19ad760", 3163386495, false},
        {"bkdr", 150583839, false},
        {"mul3-9c", 3481051867, false},
        {"mul7", 2894658687, false},
        {"mul9-1459", 1867215476, false},
        {"shl1-733e14f", 4294890437, false},
        {"fnv1a-xor-67f", 2603337777, false},
        {"fnv1a-268c190a", 2983287169, false},
        {"rol3-xor", 62124, true},
        {"rol5-twice", 3853345759, false},
        {"rol5-xor-or20", 3906068, true},
        {"rol7-xor", 244939252, true},
        {"rol7-xor2", 249166070, true},
        {"rol9-xor", 2710890103, true},
        {"rol11-xor-or21", 1303693098, false},
        {"rol17-xor-or23", 2135044757, false},
        {"rol19-xor-or20", 0x186f3f38, false},
        {"crc32-bzip2", 2691965320, false},
        {"crc32-open", 3762100525, false},
        {"crc-4358ad54", 4064566081, false},
        {"crc-e8677835", 3113210072, false},
        {"adler32", 2329613580, false},
        {"adler32-666", 247530586, true},
        {"pjw", 204821865, false},
        {"joaat", 4059668722, false},
        {"murmur3", 0xba6bd213, true},
        {"danabot", 41476489, false},
        {"rol3-xor-eax", 1420031752, false},
        {"ror8-pairs", 0x828e7dbd, false},
        {"ror4-byte", 3116630023, true},
        {"mul-10f-21-bits", 385258, false},
        {"rol8-xor-b0d4d06", 2567160022, false},
        {"rol8-slice", 377121536, false},
        {"sums-ffff", 2383353113, false},
        {"js-hash", 629383115, false},
        {"fnv1-64", 10612290624328353880u, false},
        {"fnv1a-64", 14074705352429455374u, false},
        {"ror13-zero-c8b32494", 1345844799, false},
        {"rol7-xor-f4", 1112293927, false},
        {"rol9-xor-last", 2891729971, false},
        {"djb2-42", 3726794573, false},
        {"sdbm-64", 18326187587583583519u, false},
        {"bkdr-31-bits", 150583839, false},
        {"crc32-zero", 3133185683, false},
        {"crc64-ecma-182", 6674762932123621561, false},
        {"murmur2-20", 1874473983, false},
        {"murmur2a-ff889912", 2524534739, false},
        {"murmur2a-5b2d", 3350281850, false},
        {"murmur2a-b801fcda", 384343055, false},
        {"murmur2a-e9ff0077", 3760887415, false},
        {"murmur3-4cdc03", 0x991f78b3, false},
        {"murmur3-93fb64", 0x2113849f, false},
        {"murmur3-deadc0de", 0x628cbc19, false},
        {"add-mul-4af1e366", 4238996181, false},
        {"add-mul-1c9943d2", 3847507269, false},
        {"xor-mul-shr15", 0x6d223692, false},
        {"ap-aaaaaaaa", 420894349, false},
        {"ap-5-9", 1761596967, false},
        {"ap-5-9-31-bits", 1493252751, false},
        {"donut-75569", 2349756695, false},
        {"position-14bf", 3370265577, false},
        {"xor-mul-shr8", 1054536684, false},
        {"rol7-first-last", 0x7263b4dd3941, false},
    };
    unsigned bad = 0;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const ApiHash *hash = named(vectors[i].name);
        uint64_t value = api_hash_value(hash, hash->initial, vectors[i].is_short ? SHORT : text());
        if (value != vectors[i].value)
            print_error("%s: %llu, not %llu\n", hash->name, (unsigned long long)value,
                        (unsigned long long)vectors[i].value);
        bad += value != vectors[i].value;
    }
    assert_int_equal(bad, 0);
}

/* The first state follows from a hash, for all that are made of steps. */
static void test_initial(void **state) {
    (void)state;
    unsigned undone = 0;
    for (size_t i = 0; i < API_HASH_COUNT; i++) {
        uint64_t seed = 0x12345678, initial = 0;
        uint64_t value = api_hash_value(&API_HASHES[i], seed, text());
        if (!api_hash_initial(&API_HASHES[i], value, text(), &initial))
            continue;
        assert_int_equal(initial, seed);
        undone++;
    }
    assert_true(undone > 40);
}

static ApiPair pair_of(const ApiHash *hash, uint64_t initial, const char *name) {
    Bytes b = {(const uint8_t *)name, strlen(name)};
    return (ApiPair){api_hash_value(hash, initial, b), "kernel32.dll", name};
}

static void test_find(void **state) {
    (void)state;
    uint64_t initial = 0;
    const ApiHash *djb2 = named("djb2");
    ApiPair pairs[] = {pair_of(djb2, 0x1f3a, "LoadLibraryA"), pair_of(djb2, 0x1f3a, "WinExec"),
                       pair_of(djb2, 0x1f3a, "Sleep")};
    assert_ptr_equal(api_hash_find(pairs, 3, &initial), djb2);
    assert_int_equal(initial, 0x1f3a);
    pairs[2].hash ^= 1; /* does not fit any more */
    assert_null(api_hash_find(pairs, 3, &initial));
    /* Two names do not prove a seed. */
    assert_null(api_hash_find(pairs, 2, &initial));
}

static void test_records(void **state) {
    (void)state;
    Arena *a = arena_new((size_t)64 << 20);
    const ApiHash *ror13 = named("ror13");
    static const char *const names[] = {"LoadLibraryA", "WinExec", "Sleep"};
    Image image = {0};
    HiddenTexts found = {.calls.max = 8};
    for (unsigned i = 0; i < 3; i++) {
        ResolvedCall *call = VEC_ADD(a, &found.calls);
        *call = (ResolvedCall){.resolver_va = 0x401000, .site_va = 0x402000 + i, .name = names[i]};
        call->module = "kernel32.dll";
        call->args[0] = 0x10001000; /* a module, always the same */
        call->args[1] = pair_of(ror13, 0, names[i]).hash;
    }
    RoutineVec routines = {.max = 8};
    RoutineParameterVec parameters = {.max = 8};
    ResolvedNameVec resolved = {.max = 8};
    api_hashes_from_calls(a, &image, &found, &routines, &parameters, &resolved);
    assert_int_equal(routines.count, 1);
    assert_int_equal(routines.at[0].kind, ROUTINE_API_HASH);
    assert_string_equal(routines.at[0].algorithm, "ror13");
    assert_int_equal(routines.at[0].flags & ROUTINE_PUBLIC, ROUTINE_PUBLIC);
    assert_int_equal(routines.at[0].resolved_count, 3);
    assert_string_equal(resolved.at[0].name, "LoadLibraryA");
    assert_int_equal(resolved.at[0].hash, 0xec0e4e8e); /* as shellcode has it */
    found.calls.count = 2;                             /* no proof */
    routines.count = 0;
    api_hashes_from_calls(a, &image, &found, &routines, &parameters, &resolved);
    assert_int_equal(routines.count, 0);
    arena_free(a);
}

/* The C library's start code looks functions up by name and keeps their addresses: the numbers that
 * it passes are addresses of the names. */
static void test_addresses_are_no_hashes(void **state) {
    (void)state;
    const uint64_t names_va = 0x180018000;
    static const char data[] = "LoadLibraryA\0WinExec\0Sleep";
    static const char *const names[] = {data, data + 13, data + 21};
    Arena *a = arena_new((size_t)64 << 20);
    Image image = {.segments.max = 1};
    *VEC_ADD(a, &image.segments) = (Segment){
        .va = names_va, .va_size = sizeof data, .file = {(const uint8_t *)data, sizeof data}};
    HiddenTexts found = {.calls.max = 3};
    for (unsigned i = 0; i < 3; i++) {
        ResolvedCall *call = VEC_ADD(a, &found.calls);
        *call = (ResolvedCall){.resolver_va = 0x180001000,
                               .site_va = 0x180002000 + i,
                               .module = "kernel32.dll",
                               .name = names[i]};
        call->args[1] = names_va + (uint64_t)(names[i] - data);
    }
    RoutineVec routines = {.max = 8};
    RoutineParameterVec parameters = {.max = 8};
    ResolvedNameVec resolved = {.max = 8};
    api_hashes_from_calls(a, &image, &found, &routines, &parameters, &resolved);
    assert_int_equal(routines.count, 0);
    found.calls.at[0].args[1] += 0x100000; /* numbers that are no addresses prove a hash */
    found.calls.at[1].args[1] += 0x100000;
    found.calls.at[2].args[1] += 0x100000;
    api_hashes_from_calls(a, &image, &found, &routines, &parameters, &resolved);
    assert_int_equal(routines.count, 1);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_initial),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_addresses_are_no_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
