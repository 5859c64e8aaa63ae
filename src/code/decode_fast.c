/* SPDX-License-Identifier: Apache-2.0
 * decode_fast.c: tables after the opcode maps of the Intel manual, volume 2, appendix A. */
#include "code/decode_fast.h"

/* One letter for each opcode: . not here, n nothing follows, m ModRM, b imm8, z imm16/32,
 * B ModRM imm8, Z ModRM imm16/32, j rel8 branch, and those that look at the ModRM or the mode:
 * i inc/dec in 32 bits, 3 movsxd in 64 bits, l lea, s shift, S shift imm8, t F6, T F7, f FE, F FF,
 * c C6, C C7, v mov reg,imm, r ret, R ret imm16, J jmp rel8, E jmp rel32, L call rel32, k int3. */
static const char one_byte[256 + 1] = "mmmmbz..mmmmbz.." /* 00 */
                                      "mmmmbz..mmmmbz.." /* 10 */
                                      "mmmmbz..mmmmbz.." /* 20 */
                                      "mmmmbz..mmmmbz.." /* 30 */
                                      "iiiiiiiiiiiiiiii" /* 40 */
                                      "nnnnnnnnnnnnnnnn" /* 50 */
                                      "...3....zZbB...." /* 60 */
                                      "jjjjjjjjjjjjjjjj" /* 70 */
                                      "BZ.Bmmmmmmmm.l.." /* 80 */
                                      "nnnnnnnnnn......" /* 90 */
                                      "....nnnnbznnnnnn" /* a0 */
                                      "bbbbbbbbvvvvvvvv" /* b0 */
                                      "SSRr..cC.n..k..." /* c0 */
                                      "ssss............" /* d0 */
                                      "........LE.J...." /* e0 */
                                      "......tTnn..nnfF" /* f0 */;

/* Opcodes after 0f, letters as above; N nop, a bit test imm8, j rel32 branch. */
static const char two_byte[256 + 1] = "................"  /* 00 */
                                      "mm..mm.........N"  /* 10 */
                                      "........mmm.mmmm"  /* 20 */
                                      "................"  /* 30 */
                                      "mmmmmmmmmmmmmmmm"  /* 40 */
                                      ".m..mmmmmmmmmmmm"  /* 50 */
                                      "mmmmmmmmmmmmmmmm"  /* 60 */
                                      "B...mmm.......mm"  /* 70 */
                                      "jjjjjjjjjjjjjjjj"  /* 80 */
                                      "mmmmmmmmmmmmmmmm"  /* 90 */
                                      "..nmBm.....mBm.m"  /* a0 */
                                      "mm.m..mm..ammmmm"  /* b0 */
                                      "mm....B.nnnnnnnn"  /* c0 */
                                      "....m.m...mm..mm"  /* d0 */
                                      "...........m...m"  /* e0 */
                                      "........mmmmmmm."; /* f0 */

/* Which of no prefix (1), 66 (2), f3 (4), f2 (8) each is taken with: a hexadecimal digit. */
static const char two_byte_prefix[256 + 1] = "0000000000000000"  /* 00 */
                                             "ff00330000000003"  /* 10 */
                                             "0000000033c0cc33"  /* 20 */
                                             "0000000000000000"  /* 30 */
                                             "3333333333333333"  /* 40 */
                                             "0f003333fff7ffff"  /* 50 */
                                             "2222222222222226"  /* 60 */
                                             "e000222000000066"  /* 70 */
                                             "1111111111111111"  /* 80 */
                                             "1111111111111111"  /* 90 */
                                             "0013330000033303"  /* a0 */
                                             "3303003300333333"  /* b0 */
                                             "3300003011111111"  /* c0 */
                                             "0000202000220022"  /* d0 */
                                             "0000000000020002"  /* e0 */
                                             "0000000022222220"; /* f0 */

typedef struct Fast {
    Bytes b;
    size_t at;
    bool is_64;
    uint8_t rex;
    uint8_t prefix; /* bit of two_byte_prefix */
    uint8_t form;   /* bytes up to the SIB byte */
    bool rip;       /* the displacement counts from the next instruction */
    bool absolute;  /* the displacement is the address */
} Fast;

static uint8_t byte_at(const Fast *f, size_t off) { return f->b.at[off]; }

static bool take(const Fast *f, size_t n) { return f->b.size - f->at >= n; }

/* ModRM, SIB and displacement; false when they do not fit. */
static bool fast_modrm(Fast *f, Insn *out) {
    if (!take(f, 1))
        return false;
    uint8_t modrm = byte_at(f, f->at++);
    unsigned mod = modrm >> 6, rm = modrm & 7u, size = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    f->form = (uint8_t)f->at;
    if (mod == 3)
        return true;
    if (rm == 4) {
        if (!take(f, 1))
            return false;
        uint8_t sib = byte_at(f, f->at++);
        f->form = (uint8_t)f->at;
        if (mod == 0 && (sib & 7) == 5) {
            size = 4;
            f->absolute = (sib & 0x38) == 0x20 && (f->rex & 2) == 0;
        }
    } else if (mod == 0 && rm == 5) {
        size = 4;
        f->rip = f->is_64;
        f->absolute = !f->is_64;
    }
    if (!take(f, size))
        return false;
    if (size != 0) {
        out->disp_off = (uint8_t)f->at;
        out->disp_size = (uint8_t)size;
        f->at += size;
    }
    return true;
}

static int64_t read_signed(const Fast *f, size_t off, unsigned size) {
    switch (size) {
    case 1:
        return (int8_t)byte_at(f, off);
    case 2:
        return (int16_t)bytes_u16_at(f->b, off);
    case 4:
        return (int32_t)bytes_u32_at(f->b, off);
    default:
        return (int64_t)bytes_u64_at(f->b, off);
    }
}

static bool fast_imm(Fast *f, Insn *out, unsigned size, bool is_signed) {
    if (!take(f, size))
        return false;
    out->imm_off = (uint8_t)f->at;
    out->imm_size = (uint8_t)size;
    out->has_imm = true;
    out->imm = (uint64_t)read_signed(f, f->at, size);
    if (!is_signed)
        out->imm &= size == 1 ? 0xff : 0xffff;
    f->at += size;
    return true;
}

static bool fast_target(Fast *f, Insn *out, unsigned size, Flow flow, uint64_t va) {
    if (!take(f, size) || (f->prefix & ~1u) != 0)
        return false;
    out->imm_off = (uint8_t)f->at;
    out->imm_size = (uint8_t)size;
    out->flow = flow;
    out->target = va + f->at + size + (uint64_t)read_signed(f, f->at, size);
    if (!f->is_64)
        out->target &= 0xffffffff;
    f->at += size;
    return true;
}

/* Opcodes whose ModRM decides more: false when the form is not known here. */
static bool fast_group(Fast *f, Insn *out, char kind, unsigned word) {
    if (!take(f, 1))
        return false;
    uint8_t modrm = byte_at(f, f->at);
    unsigned reg = (modrm >> 3) & 7u;
    switch (kind) {
    case 'l': /* lea of a register is none */
        return modrm < 0xc0 && fast_modrm(f, out);
    case 's':
        return reg != 6 && fast_modrm(f, out);
    case 'S':
        return reg != 6 && fast_modrm(f, out) && fast_imm(f, out, 1, false);
    case 'a':
        return reg >= 4 && fast_modrm(f, out) && fast_imm(f, out, 1, false);
    case 't':
        return reg != 1 && fast_modrm(f, out) && (reg != 0 || fast_imm(f, out, 1, true));
    case 'T':
        return reg != 1 && fast_modrm(f, out) && (reg != 0 || fast_imm(f, out, word, true));
    case 'c':
        return reg == 0 && fast_modrm(f, out) && fast_imm(f, out, 1, true);
    case 'C':
        return reg == 0 && fast_modrm(f, out) && fast_imm(f, out, word, true);
    case 'f':
        return reg <= 1 && fast_modrm(f, out);
    case 'N':
        return reg == 0 && modrm < 0xc0 && fast_modrm(f, out);
    default: /* F */
        break;
    }
    if (reg == 2 || reg == 4) {
        if ((f->prefix & ~1u) != 0)
            return false;
        out->flow = reg == 2 ? FLOW_CALL_INDIRECT : FLOW_JUMP_INDIRECT;
        return fast_modrm(f, out);
    }
    return (reg <= 1 || reg == 6) && fast_modrm(f, out);
}

static bool fast_operands(Fast *f, Insn *out, char kind, uint64_t va, bool is_two) {
    unsigned word = (f->prefix & 2) && !(f->rex & 8) ? 2 : 4;
    switch (kind) {
    case 'i':
        return !f->is_64;
    case 'n':
        return true;
    case '3':
        return f->is_64 && fast_modrm(f, out);
    case 'm':
        return fast_modrm(f, out);
    case 'b':
        return fast_imm(f, out, 1, true);
    case 'z':
        return fast_imm(f, out, word, true);
    case 'B':
        return fast_modrm(f, out) && fast_imm(f, out, 1, !is_two);
    case 'Z':
        return fast_modrm(f, out) && fast_imm(f, out, word, true);
    case 'v':
        return fast_imm(f, out, f->rex & 8 ? 8 : word, true);
    case 'j':
        return fast_target(f, out, is_two ? 4 : 1, FLOW_BRANCH, va);
    case 'J':
        return fast_target(f, out, 1, FLOW_JUMP, va);
    case 'E':
        return fast_target(f, out, 4, FLOW_JUMP, va);
    case 'L':
        return fast_target(f, out, 4, FLOW_CALL, va);
    case 'r':
        out->flow = FLOW_RETURN;
        return (f->prefix & ~1u) == 0;
    case 'R':
        out->flow = FLOW_RETURN;
        return (f->prefix & ~1u) == 0 && fast_imm(f, out, 2, false);
    case 'k':
        out->flow = FLOW_STOP;
        return (f->prefix & ~1u) == 0;
    case '.':
        return false;
    default:
        return fast_group(f, out, kind, word);
    }
}

static bool fast_decode(Fast *f, uint64_t va, Insn *out) {
    if (!take(f, 1))
        return false;
    uint8_t op = byte_at(f, f->at++);
    f->prefix = 1;
    if (op == 0x66 || op == 0xf3 || op == 0xf2) {
        if (!take(f, 1))
            return false;
        f->prefix = op == 0x66 ? 2 : op == 0xf3 ? 4 : 8;
        op = byte_at(f, f->at++);
    }
    if (f->is_64 && (op & 0xf0) == 0x40) {
        if (!take(f, 1))
            return false;
        f->rex = op;
        op = byte_at(f, f->at++);
    }
    bool is_two = op == 0x0f;
    if (is_two) {
        if (!take(f, 1))
            return false;
        op = byte_at(f, f->at++);
        char digit = two_byte_prefix[op];
        unsigned mask = (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        if ((mask & f->prefix) == 0)
            return false;
    } else if (f->prefix > 2) {
        return false; /* rep */
    }
    f->form = (uint8_t)f->at;
    return fast_operands(f, out, is_two ? two_byte[op] : one_byte[op], va, is_two);
}

unsigned decode_fast(bool is_64, Bytes b, uint64_t va, Insn *out) {
    Fast f = {.b = b, .is_64 = is_64};
    if (!fast_decode(&f, va, out)) {
        *out = (Insn){0};
        return 0;
    }
    out->va = va;
    out->length = (uint8_t)f.at;
    if (f.rip || f.absolute) {
        uint64_t disp = (uint64_t)(int64_t)(int32_t)bytes_u32_at(b, out->disp_off);
        out->mem_va = is_64 ? disp + (f.rip ? va + f.at : 0) : disp & 0xffffffff;
    }
    return f.form;
}
