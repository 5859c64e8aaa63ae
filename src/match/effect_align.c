/* SPDX-License-Identifier: Apache-2.0 */
#include "match/effect_align.h"

#include <ctype.h>
#include <string.h>

#include "base/digest.h"

const char *effect_relation_name(EffectRelation relation) {
    static const char *const names[] = {"same", "similar", "moved", "only_a", "only_b"};
    return (unsigned)relation < 5 ? names[relation] : "similar";
}

/* One line for comparison. */
typedef struct Plain {
    uint64_t hash;
    uint64_t tokens; /* one bit for each operator, name and number, by its hash */
    char kind;       /* its first character: stores, calls, conditions and returns differ */
} Plain;

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '.'; }

/* Length of what the names of variables and addresses are cut to: a3 stays, v17, r2, s-0x40, f_1234
 * lose their number. */
static size_t name_length(const char *word, size_t size) {
    bool is_numbered =
        size > 1 && strchr("vrs", word[0]) && (isdigit((unsigned char)word[1]) || word[1] == '-');
    bool is_address = size > 2 && strchr("fg", word[0]) && word[1] == '_';
    return is_numbered || is_address ? 1 : size;
}

/* Arguments that are not known, and which way round a condition is asked, are the compiler's. */
static Plain plain_from_text(const char *text) {
    Plain p = {.hash = 1, .kind = text[0]};
    for (const char *at = text; *at;) {
        size_t size = 1;
        while (is_word(at[0]) && is_word(at[size]))
            size++;
        if (size == 1 && at[0] == 's' && at[1] == '-') /* s-0x40: a place in the frame */
            for (size = 2; is_word(at[size]);)
                size++;
        size_t kept = is_word(at[0]) ? name_length(at, size) : 1;
        const char *token = at;
        if (at[0] == ']' && (at[1] == '4' || at[1] == '8') && !is_word(at[2])) { /* a width */
            token = "]4";
            kept = size = 2;
        }
        uint64_t hash = hash64((Bytes){(const uint8_t *)token, kept});
        if (!strchr(p.kind == 'i' ? " ?,!()" : " ?,", at[0])) {
            p.hash = mix64(p.hash * 0x9e3779b97f4a7c15ULL + hash);
            p.tokens |= 1ULL << (hash >> 58);
        }
        at += size;
    }
    return p;
}

/* 4: the same; 1 to 3: similar; 0: not. */
static unsigned score_of(const Plain *a, const Plain *b) {
    if (a->hash == b->hash)
        return 4;
    unsigned both = (unsigned)__builtin_popcountll(a->tokens & b->tokens);
    unsigned all = (unsigned)__builtin_popcountll(a->tokens | b->tokens);
    return a->kind == b->kind && 2 * both >= all ? 2 * both - all > both ? 2 : 1 : 0;
}

typedef struct Aligner {
    EffectSide a, b;
    Plain *pa, *pb;
    uint8_t *step; /* (a.count + 1) x (b.count + 1): 0 neither, 1 skip a, 2 skip b, 3 pair */
    EffectRowVec *out;
    Arena *arena;
} Aligner;

static Plain *plain_lines(EffectSide side, Arena *scratch) {
    Plain *p = ARENA_ARRAY(scratch, Plain, side.count + 1);
    for (size_t i = 0; i < side.count; i++)
        p[i] = plain_from_text(side.lines[i].text);
    return p;
}

/* Needleman and Wunsch 1970, from the ends, gaps free. */
static void fill_steps(Aligner *al, Arena *scratch) {
    size_t width = al->b.count + 1;
    uint32_t *below = ARENA_ARRAY(scratch, uint32_t, width),
             *row = ARENA_ARRAY(scratch, uint32_t, width);
    for (size_t i = al->a.count; i-- > 0;) {
        row[al->b.count] = 0;
        al->step[i * width + al->b.count] = 1;
        for (size_t j = al->b.count; j-- > 0;) {
            unsigned score = score_of(&al->pa[i], &al->pb[j]);
            uint32_t pair = score ? below[j + 1] + score : 0;
            uint32_t best = below[j] >= row[j + 1] ? below[j] : row[j + 1];
            al->step[i * width + j] = score && pair > best ? 3 : below[j] >= row[j + 1] ? 1 : 2;
            row[j] = pair > best ? pair : best;
        }
        uint32_t *other = below;
        below = row;
        row = other;
    }
    for (size_t j = 0; j < al->b.count; j++)
        al->step[al->a.count * width + j] = 2;
}

static void add_row(Aligner *al, const EffectLine *a, const EffectLine *b,
                    EffectRelation relation) {
    EffectRow *row = VEC_ADD(al->arena, al->out);
    if (row)
        *row = (EffectRow){a, b, relation};
}

static void follow_steps(Aligner *al) {
    size_t i = 0, j = 0, width = al->b.count + 1;
    while (i < al->a.count || j < al->b.count) {
        const EffectLine *a = &al->a.lines[i], *b = &al->b.lines[j];
        switch (al->step[i * width + j]) {
        case 3:
            add_row(al, a, b, al->pa[i].hash == al->pb[j].hash ? EFFECT_SAME : EFFECT_SIMILAR);
            i++;
            j++;
            break;
        case 1:
            add_row(al, a, NULL, EFFECT_ONLY_A);
            i++;
            break;
        default:
            add_row(al, NULL, b, EFFECT_ONLY_B);
            j++;
            break;
        }
    }
}

/* Equal lines that are alone on both sides become one row, where a has it. */
static void join_moved(Aligner *al, Arena *scratch) {
    Map alone = map_new(scratch, 64); /* hash -> row + 1 of the next one of b */
    uint32_t *next = ARENA_ARRAY(scratch, uint32_t, al->out->count + 1);
    for (size_t i = al->out->count; i-- > 0;) {
        const EffectRow *row = &al->out->at[i];
        if (row->relation != EFFECT_ONLY_B)
            continue;
        uint64_t hash = al->pb[row->b - al->b.lines].hash, *head = map_find(&alone, hash);
        next[i] = head ? (uint32_t)*head : 0;
        map_put(&alone, hash, i + 1);
    }
    for (size_t i = 0; i < al->out->count; i++) {
        EffectRow *row = &al->out->at[i];
        if (row->relation != EFFECT_ONLY_A)
            continue;
        uint64_t hash = al->pa[row->a - al->a.lines].hash, *head = map_find(&alone, hash);
        if (!head || *head == 0)
            continue;
        size_t other = (size_t)*head - 1;
        *row = (EffectRow){row->a, al->out->at[other].b, EFFECT_MOVED};
        al->out->at[other].b = NULL; /* dropped below */
        map_put(&alone, hash, next[other]);
    }
    size_t kept = 0;
    for (size_t i = 0; i < al->out->count; i++)
        if (al->out->at[i].a || al->out->at[i].b)
            al->out->at[kept++] = al->out->at[i];
    al->out->count = kept;
}

void effects_align(EffectSide a, EffectSide b, Arena *arena, Arena *scratch, EffectRowVec *out) {
    ArenaMark mark = arena_mark(scratch);
    a.count = a.count < MAX_ALIGNED ? a.count : MAX_ALIGNED;
    b.count = b.count < MAX_ALIGNED ? b.count : MAX_ALIGNED;
    *out = (EffectRowVec){.max = a.count + b.count};
    Aligner al = {a, b, plain_lines(a, scratch), plain_lines(b, scratch), NULL, out, arena};
    al.step = ARENA_ARRAY(scratch, uint8_t, (a.count + 1) * (b.count + 1));
    fill_steps(&al, scratch);
    follow_steps(&al);
    join_moved(&al, scratch);
    arena_reset(scratch, mark);
}
