/* SPDX-License-Identifier: Apache-2.0
 * a64.c: finds the row of a word: by bits 28 to 21, where many rows share those by bits 15 to 10
 * too; then whether its fields hold values that are allocated. */
#include "code/a64.h"

#include <string.h>

#include "base/check.h"
#include "code/a64_rows.h"
#include "code/a64_rows_vector.h"

static const A64Row rows[] = {
#define X(kind, name, pattern) {name, pattern, kind},
    X(A64_RESERVED, "udf", "0000000000000000 iiiiiiiiiiiiiiii") A64_ROWS_IMMEDIATE(X)
        A64_ROWS_BRANCH(X) A64_ROWS_MEMORY(X) A64_ROWS_REGISTER(X) A64_ROWS_VECTOR(X)
            A64_ROWS_SCALAR(X) X(A64_SCALABLE, "sve", "xxx0010xxxxxxxxxxxxxxxxxxxxxxxxx")
                X(A64_SCALABLE, "sme", "1xx0000xxxxxxxxxxxxxxxxxxxxxxxxx")
#undef X
};
enum {
    ROWS = sizeof rows / sizeof *rows,
    TOPS = 256, /* bits 28..21 */
    LOWS = 64,  /* bits 15..10 */
    /* More rows than that are told apart by the low bits too. */
    FEW = 8,
    /* All lists together have about 8,000 members. */
    LISTED = 16384
};
_Static_assert((int)ROWS < (int)A64_NONE, "rows have 16-bit numbers");

typedef struct List {
    uint16_t first, count;
} List;

struct A64Table {
    uint32_t mask[ROWS], value[ROWS];
    List top[TOPS];
    uint16_t split[TOPS]; /* of lows, + 1; 0: top itself is the list */
    List (*lows)[LOWS];
    uint16_t *listed;
    size_t listed_count;
};

const A64Row *a64_row(uint16_t row) { return &rows[row]; }

size_t a64_row_count(void) { return ROWS; }

static void row_parse(A64Table *t, unsigned row) {
    for (const char *p = rows[row].pattern; *p; p++) {
        if (*p == ' ')
            continue;
        t->mask[row] = t->mask[row] << 1 | (*p == '0' || *p == '1');
        t->value[row] = t->value[row] << 1 | (*p == '1');
    }
}

static uint16_t list_add(A64Table *t, uint16_t row) {
    CHECK(t->listed_count < LISTED);
    t->listed[t->listed_count] = row;
    return (uint16_t)t->listed_count++;
}

/* The rows of `from` that fit `bits` under `mask`, in order. */
static List list_make(A64Table *t, const uint16_t *from, size_t count, uint32_t mask,
                      uint32_t bits) {
    List list = {(uint16_t)t->listed_count, 0};
    for (size_t i = 0; i < count; i++)
        if (((t->value[from[i]] ^ bits) & t->mask[from[i]] & mask) == 0) {
            list_add(t, from[i]);
            list.count++;
        }
    return list;
}

A64Table *a64_table_new(Arena *a) {
    A64Table *t = ARENA_NEW(a, A64Table);
    t->listed = ARENA_ARRAY(a, uint16_t, LISTED);
    t->lows = arena_alloc(a, TOPS * sizeof *t->lows);
    uint16_t all[ROWS], few[ROWS];
    for (unsigned i = 0; i < ROWS; i++) {
        row_parse(t, i);
        all[i] = (uint16_t)i;
    }
    uint16_t splits = 0;
    for (uint32_t group = 0; group < 16; group++) { /* bits 28..25 first: 16 times fewer rows */
        size_t count = 0;
        for (unsigned i = 0; i < ROWS; i++)
            if (((t->value[i] ^ group << 25) & t->mask[i] & 0xfu << 25) == 0)
                few[count++] = all[i];
        for (uint32_t top = group << 4; top < (group + 1) << 4; top++) {
            size_t mark = t->listed_count;
            List list = list_make(t, few, count, 0xffu << 21, top << 21);
            t->top[top] = list;
            if (list.count <= FEW)
                continue;
            uint16_t these[ROWS];
            memcpy(these, t->listed + list.first, list.count * sizeof *these);
            t->listed_count = mark;
            for (uint32_t low = 0; low < LOWS; low++)
                t->lows[splits][low] = list_make(t, these, list.count, 0x3fu << 10, low << 10);
            t->split[top] = ++splits;
        }
    }
    return t;
}

bool a64_logic_imm(uint32_t w, uint64_t *out) {
    unsigned n = a64_bits(w, 22, 1), immr = a64_bits(w, 16, 6), imms = a64_bits(w, 10, 6);
    unsigned key = n << 6 | (~imms & 0x3f), length = 0;
    while (key >> (length + 1))
        length++;
    if (key == 0 || length == 0 || (w >> 31 == 0 && n != 0))
        return false;
    unsigned size = 1u << length, ones = (imms & (size - 1)) + 1, turn = immr & (size - 1);
    if (ones == size)
        return false;
    uint64_t element = ((uint64_t)1 << ones) - 1,
             mask = size == 64 ? UINT64_MAX : ((uint64_t)1 << size) - 1;
    if (turn != 0)
        element = (element >> turn | element << (size - turn)) & mask;
    for (unsigned at = size; at < 64; at *= 2)
        element |= element << at;
    *out = w >> 31 ? element : element & UINT32_MAX;
    return true;
}

/* Vector forms: bits 23..22 are the lanes' width, bit 30 whether all 128 bits are used. */
typedef struct Shape {
    unsigned size, opcode5; /* opcode5: bits 16..12 or 15..11, as the class has it */
    bool is_full, is_u;
} Shape;

static bool same_fits(const Shape *s, bool is_scalar) {
    switch (s->opcode5) {
    case 0x00: /* halving, max, min, absolute difference, multiply */
    case 0x02:
    case 0x04:
    case 0x0c:
    case 0x0d:
    case 0x0e:
    case 0x0f:
    case 0x12:
    case 0x14:
    case 0x15:
        return s->size < 3;
    case 0x13:
        return s->is_u ? s->size == 0 : s->size < 3;
    case 0x16:
        return s->size == 1 || s->size == 2;
    case 0x01: /* saturating ones have all widths as scalars */
    case 0x05:
    case 0x09:
    case 0x0b:
        return is_scalar || s->size < 3 || s->is_full;
    default:
        return is_scalar ? s->size == 3 : s->size < 3 || s->is_full;
    }
}

static bool misc_fits(const Shape *s, bool is_scalar) {
    switch (s->opcode5) {
    case 0x00: /* rev64, rev32 */
        return s->size < (s->is_u ? 2u : 3u);
    case 0x01:
        return s->size == 0;
    case 0x05: /* cnt; not, rbit */
        return s->is_u || s->size == 0;
    case 0x02:
    case 0x04:
    case 0x06:
    case 0x12:
    case 0x13:
    case 0x14:
        return s->size < 3;
    case 0x03:
    case 0x07:
        return is_scalar || s->size < 3 || s->is_full;
    default:
        return is_scalar ? s->size == 3 : s->size < 3 || s->is_full;
    }
}

static bool shift_fits(uint32_t w, bool is_scalar) {
    unsigned immh = a64_bits(w, 19, 4), opcode = a64_bits(w, 11, 5);
    bool is_full = a64_bits(w, 30, 1);
    if (immh == 0)
        return false;
    if (opcode >= 0x10) /* narrowing, lengthening */
        return immh < 8;
    if (!is_scalar)
        return immh < 8 || is_full;
    return immh >= 8 || opcode == 0x0c || opcode == 0x0e;
}

static bool lane_fits(uint32_t w) {
    unsigned scale = a64_bits(w, 14, 2), s = a64_bits(w, 12, 1), size = a64_bits(w, 10, 2);
    switch (scale) {
    case 0:
        return true;
    case 1:
        return (size & 1) == 0;
    case 2:
        return size == 0 || (size == 1 && s == 0);
    default:
        return false;
    }
}

/* Lane copies: imm5 has the lane's width as its lowest set bit. */
static bool imm5_fits(uint32_t w, bool is_full, unsigned widest) {
    unsigned imm5 = a64_bits(w, 16, 5), width = 0;
    if ((imm5 & 15) == 0)
        return false;
    while (!(imm5 >> width & 1))
        width++;
    return width < widest || (width == widest && is_full);
}

static bool get_fits(uint32_t w) {
    bool is_full = a64_bits(w, 30, 1), is_unsigned = a64_bits(w, 12, 1);
    if (!is_unsigned)
        return imm5_fits(w, is_full, 2);
    /* umov: an x register is for 64-bit lanes only */
    return is_full ? (a64_bits(w, 16, 4) == 8) : imm5_fits(w, false, 3);
}

static bool float_misc_fits(uint32_t w, bool is_scalar) {
    unsigned opcode = a64_bits(w, 12, 5), sz = a64_bits(w, 22, 1), high = a64_bits(w, 23, 1);
    bool is_u = a64_bits(w, 29, 1), is_full = a64_bits(w, 30, 1);
    if (opcode == 0x16 && !high)
        return !is_u || sz; /* fcvtn any, fcvtxn from 64 bits */
    if (opcode == 0x17)
        return true;
    if (opcode == 0x1c && high)
        return sz == 0; /* urecpe, ursqrte */
    return is_scalar || sz == 0 || is_full;
}

static bool complex_indexed_fits(uint32_t w) {
    unsigned size = a64_bits(w, 22, 2);
    bool is_full = a64_bits(w, 30, 1), l = a64_bits(w, 21, 1), h = a64_bits(w, 11, 1);
    return size == 1 ? is_full || !h : size == 2 && is_full && !l;
}

static bool vector_fits(A64Class kind, uint32_t w) {
    Shape s = {
        .size = a64_bits(w, 22, 2), .is_full = a64_bits(w, 30, 1), .is_u = a64_bits(w, 29, 1)};
    bool is_half_or_word = s.size == 1 || s.size == 2;
    switch ((int)kind) {
    case A64_V_SAME:
    case A64_S_SAME:
        s.opcode5 = a64_bits(w, 11, 5);
        return same_fits(&s, kind == A64_S_SAME);
    case A64_V_MISC:
    case A64_S_MISC:
        s.opcode5 = a64_bits(w, 12, 5);
        return misc_fits(&s, kind == A64_S_MISC);
    case A64_V_FLOAT_SAME:
        return s.is_full || (s.size & 1) == 0;
    case A64_V_RDM:
    case A64_S_RDM:
    case A64_S_DIFFERENT:
    case A64_V_INDEXED:
    case A64_S_INDEXED:
    case A64_V_RDM_INDEXED:
    case A64_S_RDM_INDEXED:
        return is_half_or_word;
    case A64_V_FLOAT_COMPLEX:
        return s.size != 0 && (s.size < 3 || s.is_full);
    case A64_V_FLOAT_COMPLEX_INDEXED:
        return complex_indexed_fits(w);
    case A64_V_FLOAT_MISC:
    case A64_S_FLOAT_MISC:
        return float_misc_fits(w, kind == A64_S_FLOAT_MISC);
    case A64_V_ACROSS:
        return s.size < 2 || (s.size == 2 && s.is_full);
    case A64_V_DIFFERENT:
        if (a64_bits(w, 12, 4) == 14) /* pmull */
            return s.size == 0 || s.size == 3;
        return a64_bits(w, 12, 1) && a64_bits(w, 15, 1) ? is_half_or_word : s.size < 3;
    case A64_V_SHIFT:
    case A64_S_SHIFT:
        return shift_fits(w, kind == A64_S_SHIFT);
    case A64_V_FIXED:
    case A64_S_FIXED: {
        unsigned immh = a64_bits(w, 19, 4);
        return immh >= 2 && (kind == A64_S_FIXED || immh < 8 || s.is_full);
    }
    case A64_V_FLOAT_INDEXED:
        return (s.size & 1) == 0 || (s.is_full && a64_bits(w, 21, 1) == 0);
    case A64_S_FLOAT_INDEXED:
        return (s.size & 1) == 0 || a64_bits(w, 21, 1) == 0;
    case A64_S_PAIR:
        return s.size == 3;
    case A64_V_PERMUTE:
        return s.size < 3 || s.is_full;
    case A64_V_EXT:
        return s.is_full || a64_bits(w, 14, 1) == 0;
    case A64_V_DUP_LANE:
    case A64_V_DUP:
        return imm5_fits(w, s.is_full, 3);
    case A64_S_DUP_LANE:
    case A64_V_INSERT:
    case A64_V_INSERT_LANE:
        return imm5_fits(w, true, 3);
    case A64_V_GET:
        return get_fits(w);
    default:
        return true;
    }
}

static bool float_fits(A64Class kind, uint32_t w) {
    unsigned type = a64_bits(w, 22, 2), sf = w >> 31;
    switch ((int)kind) {
    case A64_F_MOVE_HIGH:
    case A64_F_BFLOAT:
        return true;
    case A64_F_MOVE:
        return type == 3 || (type == sf && type < 2);
    case A64_F_CONVERT:
        return type != 2 && type != a64_bits(w, 15, 2) && a64_bits(w, 15, 2) != 2;
    case A64_F_ROUND:
        return a64_bits(w, 19, 1) ? type < 2 : type != 2; /* frint32.., frint64.. */
    case A64_F_FROM_FIXED:
    case A64_F_TO_FIXED:
        return type != 2 && (sf || a64_bits(w, 15, 1));
    case A64_F_COMPARE:
        return type != 2 && (a64_bits(w, 3, 1) == 0 || a64_bits(w, 16, 5) == 0);
    default:
        return type != 2;
    }
}

static bool memory_fits(A64Class kind, uint32_t w) {
    unsigned size = w >> 30, opc = a64_bits(w, 22, 2);
    /* With a register as offset its width is 32 or 64 bits; the other forms have imm9 or imm12. */
    bool is_scaled = a64_bits(w, 24, 1);
    bool bad_option = !is_scaled && a64_bits(w, 21, 1) && !a64_bits(w, 14, 1);
    switch ((int)kind) {
    case A64_LOAD:
        if (a64_bits(w, 10, 2) == 0 && !is_scaled && a64_bits(w, 21, 1))
            return true; /* ldapr */
        return !bad_option && !(size == 3 && opc >= 2);
    case A64_STORE:
        return !bad_option;
    case A64_PREFETCH:
        return w >> 24 == 0xd8 || !bad_option || a64_bits(w, 10, 2) == 0;
    case A64_LOAD_V:
    case A64_STORE_V:
        return !bad_option && (opc < 2 || size == 0);
    case A64_LOAD_PAIR_V:
    case A64_STORE_PAIR_V:
    case A64_LOAD_LITERAL_V:
        return size != 3;
    case A64_STRUCT:
        return size & 1 || a64_bits(w, 10, 2) != 3 || a64_bits(w, 13, 1);
    case A64_STRUCT_LANE:
        return lane_fits(w);
    case A64_CASP:
        return (w & 1) == 0 && a64_bits(w, 16, 1) == 0;
    case A64_BLOCK_64:
        return (w & 1) == 0 && a64_bits(w, 0, 5) < 24;
    case A64_TAG_STORE:
        return w >> 24 != 0xd9 || a64_bits(w, 10, 2) != 0 || a64_bits(w, 12, 9) == 0;
    default:
        return true;
    }
}

static bool integer_fits(A64Class kind, uint32_t w) {
    bool is_64 = w >> 31;
    uint64_t unused;
    switch ((int)kind) {
    case A64_LOGIC_IMM:
        return a64_logic_imm(w, &unused);
    case A64_MOVE_WIDE:
    case A64_LOGIC_REG: /* bit 15 is that of a shift by 32 and more; bit 22 of a hw above 1 */
        return is_64 || !(kind == A64_MOVE_WIDE ? a64_bits(w, 22, 1) : a64_bits(w, 15, 1));
    case A64_BITFIELD:
        return a64_bits(w, 22, 1) == is_64 &&
               (is_64 || (!a64_bits(w, 21, 1) && !a64_bits(w, 15, 1)));
    case A64_EXTRACT:
        return a64_bits(w, 22, 1) == is_64 && (is_64 || !a64_bits(w, 15, 1));
    case A64_ADD_REG:
        return a64_bits(w, 22, 2) != 3 && (is_64 || !a64_bits(w, 15, 1));
    case A64_ADD_EXTENDED:
        return a64_bits(w, 10, 3) <= 4;
    case A64_CRC:
        return is_64 == (a64_bits(w, 10, 2) == 3);
    default:
        return true;
    }
}

static bool row_fits(uint16_t row, uint32_t w) {
    A64Class kind = rows[row].kind;
    if (kind < A64_STORE_EX)
        return integer_fits(kind, w);
    if (kind < A64_DIVIDE)
        return memory_fits(kind, w);
    if (kind < A64_V_DUP_LANE)
        return integer_fits(kind, w);
    return kind < A64_F_FROM_FIXED ? vector_fits(kind, w) : float_fits(kind, w);
}

uint16_t a64_find(const A64Table *t, uint32_t word) {
    uint32_t top = a64_bits(word, 21, 8);
    List list = t->split[top] ? t->lows[t->split[top] - 1][a64_bits(word, 10, 6)] : t->top[top];
    for (const uint16_t *row = t->listed + list.first, *end = row + list.count; row < end; row++)
        if ((word & t->mask[*row]) == t->value[*row])
            return row_fits(*row, word) ? *row : A64_NONE;
    return A64_NONE;
}

static uint32_t writes_memory(A64Class kind, uint32_t w) {
    uint32_t t = 1u << a64_bits(w, 0, 5), n = 1u << a64_bits(w, 5, 5), u = 1u << a64_bits(w, 10, 5);
    uint32_t s = 1u << a64_bits(w, 16, 5);
    bool pair_back = a64_bits(w, 23, 1); /* pre and post index */
    bool back = !a64_bits(w, 24, 1) && !a64_bits(w, 21, 1) && a64_bits(w, 10, 1);
    switch ((int)kind) {
    case A64_STORE_EX:
        return a64_bits(w, 23, 1) ? 0 : s;
    case A64_STORE_EX_PAIR:
        return s;
    case A64_LOAD_EX:
    case A64_LOAD_LITERAL:
    case A64_ATOMIC:
    case A64_TAG_LOAD:
        return t;
    case A64_LOAD_EX_PAIR:
        return t | u;
    case A64_CAS:
        return s;
    case A64_CASP:
        return s | s << 1;
    case A64_STORE:
    case A64_STORE_V:
    case A64_LOAD_V:
    case A64_TAG_STORE:
        return back ? n : 0;
    case A64_LOAD:
        return t | (back ? n : 0);
    case A64_LOAD_AUTH:
        return t | (a64_bits(w, 11, 1) ? n : 0);
    case A64_LOAD_PAIR:
        return t | u | (pair_back ? n : 0);
    case A64_STORE_PAIR:
    case A64_STORE_PAIR_V:
    case A64_LOAD_PAIR_V:
        return pair_back ? n : 0;
    case A64_STRUCT:
    case A64_STRUCT_LANE:
    case A64_STRUCT_SPLAT:
        return a64_bits(w, 23, 1) ? n : 0;
    case A64_MEMORY_COPY:
        return t | n | s;
    case A64_BLOCK_64:
        return 0xffu << a64_bits(w, 0, 5) | s;
    default:
        return 0;
    }
}

uint32_t a64_writes(A64Class kind, uint32_t w) {
    uint32_t d = 1u << a64_bits(w, 0, 5);
    if (kind >= A64_STORE_EX && kind < A64_DIVIDE)
        return writes_memory(kind, w);
    if (kind >= A64_DIVIDE && kind < A64_V_DUP_LANE)
        return kind == A64_COND_COMPARE ? 0 : d;
    if (kind > A64_SCALABLE && kind < A64_JUMP)
        return d;
    switch ((int)kind) {
    case A64_SCALABLE: /* some count into a general register */
    case A64_MRS:
    case A64_SYSL:
    case A64_V_GET:
    case A64_F_TO_FIXED:
    case A64_F_TO_INT:
    case A64_F_MOVE:
    case A64_F_MOVE_HIGH:
        return d;
    case A64_HINT: /* pacia1716 and others change it, but not what it points to */
    default:
        return 0;
    }
}
