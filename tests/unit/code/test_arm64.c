/* SPDX-License-Identifier: Apache-2.0
 * test_arm64.c: A64 words decoded; functions of a program discovered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/a64.h"
#include "code/invariants.h"

/* One word of each instruction with random fields; the names are llvm-mc 14's, where that prefers
 * no alias (which it does for some sixty rows; compared by hand). */
static const struct {
    uint32_t word;
    const char *name;
} words[] = {
    {0x5ac0201a, "abs"},       {0x1a0b0326, "adc"},       {0x3a110351, "adcs"},
    {0x9177e27d, "add"},       {0x918d06c0, "addg"},      {0x0e3443f1, "addhn"},
    {0x0e20beb4, "addp"},      {0xb16e6571, "adds"},      {0x0e31b979, "addv"},
    {0x30562c4c, "adr"},       {0xf0171a9f, "adrp"},      {0x4e285bcd, "aesd"},
    {0x4e284ac1, "aese"},      {0x4e287875, "aesimc"},    {0x4e286a16, "aesmc"},
    {0x92408657, "and"},       {0x720e1b50, "ands"},      {0x9ac82987, "asrv"},
    {0xdac11ac2, "autda"},     {0xdac11ffd, "autdb"},     {0xdac13bf4, "autdza"},
    {0xdac13fe7, "autdzb"},    {0xdac1126d, "autia"},     {0xd503219f, "autia1716"},
    {0xd50323bf, "autiasp"},   {0xd503239f, "autiaz"},    {0xdac116f1, "autib"},
    {0xd50321df, "autib1716"}, {0xd50323ff, "autibsp"},   {0xd50323df, "autibz"},
    {0xdac133ea, "autiza"},    {0xdac137e3, "autizb"},    {0xd500495f, "axflag"},
    {0x15df21fa, "b"},         {0x54c5af8c, "b."},        {0x543d8033, "bc."},
    {0xce2e3879, "bcax"},      {0x4ea16a43, "bfcvtn"},    {0x2e5bff0f, "bfdot"},
    {0x330138a2, "bfm"},       {0x6ed0ffa7, "bfmlal"},    {0x6e54efdd, "bfmmla"},
    {0x0ae96a50, "bic"},       {0xea374ba0, "bics"},      {0x6ee11d2e, "bif"},
    {0x6eaa1cbe, "bit"},       {0x9753cf1c, "bl"},        {0xd63f0240, "blr"},
    {0xd73f095c, "blraa"},     {0xd63f091f, "blraaz"},    {0xd73f0fc0, "blrab"},
    {0xd63f0dff, "blrabz"},    {0xd61f0340, "br"},        {0xd71f0b08, "braa"},
    {0xd61f09ff, "braaz"},     {0xd71f0e2d, "brab"},      {0xd61f0d3f, "brabz"},
    {0xd43292a0, "brk"},       {0x6e621dff, "bsl"},       {0xd503241f, "bti"},
    {0x48a97d4d, "cas"},       {0x48267dec, "casp"},      {0xb5685fa6, "cbnz"},
    {0xb4a21dca, "cbz"},       {0xba404329, "ccmn"},      {0xfa469bae, "ccmp"},
    {0xd500491f, "cfinv"},     {0xd503345f, "clrex"},     {0x5ac016c8, "cls"},
    {0x5ac011f1, "clz"},       {0x2eb08fb4, "cmeq"},      {0x0eb43e1d, "cmge"},
    {0x0ea236d4, "cmgt"},      {0x6ef13752, "cmhi"},      {0x2e7b3e5d, "cmhs"},
    {0x6e60980f, "cmle"},      {0x4e60ab96, "cmlt"},      {0x31256e5f, "cmn"},
    {0x7163c3ff, "cmp"},       {0x0ebc8e5f, "cmtst"},     {0x5ac01c9c, "cnt"},
    {0x1d1d0754, "cpy"},       {0x1ac74188, "crc32"},     {0x9ad65f63, "crc32c"},
    {0xd503229f, "csdb"},      {0x9a94038c, "csel"},      {0x9a8dd77e, "csinc"},
    {0x5a8dc0ff, "csinv"},     {0x5a83c72d, "csneg"},     {0xdac01924, "ctz"},
    {0xd4a08541, "dcps1"},     {0xd4af4702, "dcps2"},     {0xd4aed1a3, "dcps3"},
    {0xd50320df, "dgh"},       {0xd50332bf, "dmb"},       {0xd6bf03e0, "drps"},
    {0xd5033f9f, "dsb"},       {0x0e1507e2, "dup"},       {0xcabcc102, "eon"},
    {0xd24fc6fd, "eor"},       {0xce131e0e, "eor3"},      {0xd69f03e0, "eret"},
    {0xd69f0bff, "eretaa"},    {0xd69f0fff, "eretab"},    {0xd503221f, "esb"},
    {0x6e150198, "ext"},       {0x93c99c7c, "extr"},      {0x2ebcd7e7, "fabd"},
    {0x4ee0f8a9, "fabs"},      {0x2e32edfc, "facge"},     {0x2eb0eddb, "facgt"},
    {0x4e6fd53f, "fadd"},      {0x6e31d5c5, "faddp"},     {0x6ec6e44b, "fcadd"},
    {0x4e37e787, "fcmeq"},     {0x2e30e5c5, "fcmge"},     {0x2eb9e46c, "fcmgt"},
    {0x2e4bdedb, "fcmla"},     {0x6ee0dbcb, "fcmle"},     {0x4ea0e835, "fcmlt"},
    {0x4e21cb11, "fcvtas"},    {0x2e21cb1b, "fcvtau"},    {0x4e217921, "fcvtl"},
    {0x0e21b844, "fcvtms"},    {0x2e21b917, "fcvtmu"},    {0x4e616b0a, "fcvtn"},
    {0x0e21aa43, "fcvtns"},    {0x6e21a9f8, "fcvtnu"},    {0x4ea1aafb, "fcvtps"},
    {0x6ea1aa88, "fcvtpu"},    {0x2e61689b, "fcvtxn"},    {0x4ee1b9b5, "fcvtzs"},
    {0x6ea1bb80, "fcvtzu"},    {0x6e32fc8f, "fdiv"},      {0x1e7e0177, "fjcvtzs"},
    {0x4e2af7f6, "fmax"},      {0x4e75c479, "fmaxnm"},    {0x6e3bc4a9, "fmaxnmp"},
    {0x6e30c89f, "fmaxnmv"},   {0x6e3ef4ab, "fmaxp"},     {0x6e30fa17, "fmaxv"},
    {0x4eacf7ff, "fmin"},      {0x0eb8c4e6, "fminnm"},    {0x6eb3c4f8, "fminnmp"},
    {0x6eb0cbe0, "fminnmv"},   {0x6ef1f643, "fminp"},     {0x6eb0f9b7, "fminv"},
    {0x4e6ccdae, "fmla"},      {0x0e34edec, "fmlal"},     {0x6e3cceb6, "fmlal2"},
    {0x4eecccb1, "fmls"},      {0x4eb4edf9, "fmlsl"},     {0x2eb1ccdc, "fmlsl2"},
    {0x0f00f66f, "fmov"},      {0x6e39dc9a, "fmul"},      {0x4e67dda9, "fmulx"},
    {0x6ea0fa7c, "fneg"},      {0x0ea1d8ee, "frecpe"},    {0x4e35fe2e, "frecps"},
    {0x5ee1fbe7, "frecpx"},    {0x6e61e871, "frint32x"},  {0x4e21e8a8, "frint32z"},
    {0x6e21f986, "frint64x"},  {0x0e21f808, "frint64z"},  {0x6e218b1b, "frinta"},
    {0x6ea19a22, "frinti"},    {0x4e219925, "frintm"},    {0x0e218a38, "frintn"},
    {0x4ea1894c, "frintp"},    {0x2e219a33, "frintx"},    {0x0ea19be2, "frintz"},
    {0x2ea1dadd, "frsqrte"},   {0x0ebcfd40, "frsqrts"},   {0x6ea1fb5a, "fsqrt"},
    {0x4eb5d52f, "fsub"},      {0x9ad51651, "gmi"},       {0xd5032b3f, "hint"},
    {0xd45246a0, "hlt"},       {0xd4162022, "hvc"},       {0x4e121de5, "ins"},
    {0x9ac013f2, "irg"},       {0xd5033cdf, "isb"},       {0x4c4029e0, "ld1"},
    {0x4d40cfdf, "ld1r"},      {0x4c408b35, "ld2"},       {0x4d60cfc1, "ld2r"},
    {0x0c4046e7, "ld3"},       {0x4d40ecd2, "ld3r"},      {0x4c400264, "ld4"},
    {0x0d60e662, "ld4r"},      {0xf83fd28e, "ld64b"},     {0xb87f0044, "ldadd"},
    {0xb8bfc32f, "ldapr"},     {0x195a1313, "ldapur"},    {0x5993c06c, "ldapurs"},
    {0xc8c98be2, "ldar"},      {0x887cea6d, "ldaxp"},     {0x484fad1f, "ldaxr"},
    {0xb8fd1269, "ldclr"},     {0xb8ec23a3, "ldeor"},     {0xd96be252, "ldg"},
    {0xd9e0033a, "ldgm"},      {0x48d7723d, "ldlar"},     {0xa86310dc, "ldnp"},
    {0xa8f4262f, "ldp"},       {0x68daaad5, "ldpsw"},     {0x18d4567f, "ldr"},
    {0xf82b9f51, "ldraa"},     {0xf8aa7d04, "ldrab"},     {0x389f6ebb, "ldrs"},
    {0x98572ddb, "ldrsw"},     {0xf8af3363, "ldset"},     {0x783b425a, "ldsmax"},
    {0xb82e5284, "ldsmin"},    {0xf8522a1b, "ldtr"},      {0x388619b2, "ldtrs"},
    {0x38f861a5, "ldumax"},    {0x78a670fe, "ldumin"},    {0xb850231a, "ldur"},
    {0x78897118, "ldurs"},     {0x88707119, "ldxp"},      {0x885d1a15, "ldxr"},
    {0x9ad7226e, "lslv"},      {0x1ad92413, "lsrv"},      {0x9b1325a9, "madd"},
    {0x4e2197cb, "mla"},       {0x2ea19673, "mls"},       {0x910003ed, "mov"},
    {0x0f000459, "movi"},      {0x72bb86e3, "movk"},      {0x12abba88, "movn"},
    {0xd2f5582f, "movz"},      {0xd53d6a09, "mrs"},       {0xd5054a1f, "msr"},
    {0x1b1a9a95, "msub"},      {0x9b0d7e52, "mul"},       {0x2f0206c7, "mvni"},
    {0x6e60b99f, "neg"},       {0xd503201f, "nop"},       {0x6e2058d8, "not"},
    {0xaab11f48, "orn"},       {0x32129056, "orr"},       {0xdac10a8b, "pacda"},
    {0xdac10d2a, "pacdb"},     {0xdac12bec, "pacdza"},    {0xdac12fe5, "pacdzb"},
    {0x9ad13195, "pacga"},     {0xdac10086, "pacia"},     {0xd503211f, "pacia1716"},
    {0xd503233f, "paciasp"},   {0xd503231f, "paciaz"},    {0xdac105ed, "pacib"},
    {0xd503215f, "pacib1716"}, {0xd503237f, "pacibsp"},   {0xd503235f, "pacibz"},
    {0xdac123fa, "paciza"},    {0xdac127e6, "pacizb"},    {0x6e399e39, "pmul"},
    {0x0efee39e, "pmull"},     {0xd8bec8a9, "prfm"},      {0xf886b3e3, "prfum"},
    {0xd503223f, "psb"},       {0x6e2c43f2, "raddhn"},    {0xce778eaf, "rax1"},
    {0xdac001d1, "rbit"},      {0xd65f00a0, "ret"},       {0xd65f0bff, "retaa"},
    {0xd65f0fff, "retab"},     {0x5ac009ef, "rev"},       {0xdac0071e, "rev16"},
    {0xdac008fc, "rev32"},     {0x0e6009b2, "rev64"},     {0xba07040a, "rmif"},
    {0x9ac72fae, "rorv"},      {0x0f2d8c5c, "rshrn"},     {0x6e266097, "rsubhn"},
    {0x0e757fc1, "saba"},      {0x0e7d5140, "sabal"},     {0x0eae745d, "sabd"},
    {0x0e6a709f, "sabdl"},     {0x4e6068b9, "sadalp"},    {0x0e7003a3, "saddl"},
    {0x0ea02b76, "saddlp"},    {0x4e70384e, "saddlv"},    {0x0e6b11ca, "saddw"},
    {0xd5033cff, "sb"},        {0xda0b025a, "sbc"},       {0x7a020360, "sbcs"},
    {0x13055193, "sbfm"},      {0x4e21d8b9, "scvtf"},     {0x1ac50df5, "sdiv"},
    {0x0e91978a, "sdot"},      {0x1dcef4c3, "set"},       {0x3a004a4d, "setf16"},
    {0x3a000aed, "setf8"},     {0xd503209f, "sev"},       {0xd50320bf, "sevl"},
    {0x5e0003fd, "sha1c"},     {0x5e2809f3, "sha1h"},     {0x5e12212b, "sha1m"},
    {0x5e011255, "sha1p"},     {0x5e1a3248, "sha1su0"},   {0x5e281ae3, "sha1su1"},
    {0x5e0543f9, "sha256h"},   {0x5e1d5292, "sha256h2"},  {0x5e2829a5, "sha256su0"},
    {0x5e0d6106, "sha256su1"}, {0xce6d83bd, "sha512h"},   {0xce6d84c8, "sha512h2"},
    {0xcec08090, "sha512su0"}, {0xce7e8a15, "sha512su1"}, {0x0e3e06d6, "shadd"},
    {0x4f275670, "shl"},       {0x2e213abc, "shll"},      {0x4f1c84eb, "shrn"},
    {0x4eae27cc, "shsub"},     {0x2f2e5555, "sli"},       {0xce60c3c9, "sm3partw1"},
    {0xce60c444, "sm3partw2"}, {0xce47791e, "sm3ss1"},    {0xce4292fb, "sm3tt1a"},
    {0xce52a7e3, "sm3tt1b"},   {0xce549b4d, "sm3tt2a"},   {0xce4cae39, "sm3tt2b"},
    {0xcec08600, "sm4e"},      {0xce78cade, "sm4ekey"},   {0x9b2e7322, "smaddl"},
    {0x91c1d6bd, "smax"},      {0x0e26a590, "smaxp"},     {0x0e30a8a4, "smaxv"},
    {0xd402fa83, "smc"},       {0x11c92bba, "smin"},      {0x4eabad5c, "sminp"},
    {0x4e71ab75, "sminv"},     {0x0eba81d7, "smlal"},     {0x0e23a3d8, "smlsl"},
    {0x4e8da503, "smmla"},     {0x0e132d5e, "smov"},      {0x9b2dac64, "smsubl"},
    {0x9b5308e3, "smulh"},     {0x0ebcc0cd, "smull"},     {0x0e607af8, "sqabs"},
    {0x4e2e0e9b, "sqadd"},     {0x0e7792b7, "sqdmlal"},   {0x0ebeb0bc, "sqdmlsl"},
    {0x4e76b540, "sqdmulh"},   {0x0e7dd390, "sqdmull"},   {0x2e6079c6, "sqneg"},
    {0x6e578586, "sqrdmlah"},  {0x6e468ed0, "sqrdmlsh"},  {0x6eaeb57d, "sqrdmulh"},
    {0x0eaa5e22, "sqrshl"},    {0x0f219ff3, "sqrshrn"},   {0x2f208e9e, "sqrshrun"},
    {0x4ee24f2b, "sqshl"},     {0x6f7f646d, "sqshlu"},    {0x0f199729, "sqshrn"},
    {0x6f2f87d2, "sqshrun"},   {0x0eb02c12, "sqsub"},     {0x0ea14970, "sqxtn"},
    {0x6e612a6f, "sqxtun"},    {0x4e2d17a5, "srhadd"},    {0x6f1f45b8, "sri"},
    {0x0e6e578d, "srshl"},     {0x0f1a26b6, "srshr"},     {0x4f533560, "srsra"},
    {0x4e36445d, "sshl"},      {0x4f31a6be, "sshll"},     {0x4f2906a9, "sshr"},
    {0x4f511588, "ssra"},      {0x4eaa23cd, "ssubl"},     {0x0e7132b0, "ssubw"},
    {0x0c002391, "st1"},       {0x4c0081cc, "st2"},       {0xd9add5cc, "st2g"},
    {0x4c004eb5, "st3"},       {0x0c000004, "st4"},       {0xf83f926e, "st64b"},
    {0xf823b166, "st64bv"},    {0xf834a254, "st64bv0"},   {0xd92167ff, "stg"},
    {0xd9a00331, "stgm"},      {0x68aef461, "stgp"},      {0xc8887532, "stllr"},
    {0x0887f069, "stlr"},      {0x9912933d, "stlur"},     {0xc824bc7f, "stlxp"},
    {0xc80ba47b, "stlxr"},     {0xa81a8f43, "stnp"},      {0xa8a38679, "stp"},
    {0x38051570, "str"},       {0xb804daa8, "sttr"},      {0xf812b0f8, "stur"},
    {0x88377506, "stxp"},      {0x88182015, "stxr"},      {0xd9f268e7, "stz2g"},
    {0xd96144c6, "stzg"},      {0xd9200050, "stzgm"},     {0x515fb431, "sub"},
    {0xd19d3eec, "subg"},      {0x4eab626f, "subhn"},     {0x9ad60018, "subp"},
    {0xbadb0232, "subps"},     {0x71220cb8, "subs"},      {0x0f37f378, "sudot"},
    {0x4e20398e, "suqadd"},    {0xd400f841, "svc"},       {0xf87083cd, "swp"},
    {0xd50a7065, "sys"},       {0xd52d5016, "sysl"},      {0x4e0403c1, "tbl"},
    {0x378021f8, "tbnz"},      {0x0e0c50f7, "tbx"},       {0xb61d2fba, "tbz"},
    {0xd472ba40, "tcancel"},   {0x4e9c2aae, "trn1"},      {0x0e9c69c3, "trn2"},
    {0xd503225f, "tsb"},       {0x721962df, "tst"},       {0x2ead7f12, "uaba"},
    {0x6ea9509c, "uabal"},     {0x2e3d74db, "uabd"},      {0x6eb471fb, "uabdl"},
    {0x2e606b1d, "uadalp"},    {0x6e3b01b5, "uaddl"},     {0x2ea02850, "uaddlp"},
    {0x6e303bb4, "uaddlv"},    {0x6e2c1067, "uaddw"},     {0x53130b8b, "ubfm"},
    {0x6e21d806, "ucvtf"},     {0x1ac4087b, "udiv"},      {0x2e8a9678, "udot"},
    {0x2e7e06c0, "uhadd"},     {0x2e61266a, "uhsub"},     {0x9bb0327a, "umaddl"},
    {0x11c7f9d7, "umax"},      {0x6e3fa4bf, "umaxp"},     {0x2e30a83f, "umaxv"},
    {0x91cec744, "umin"},      {0x2e63aed3, "uminp"},     {0x6eb1abda, "uminv"},
    {0x6e7f82d8, "umlal"},     {0x2e36a3af, "umlsl"},     {0x6e90a795, "ummla"},
    {0x0e123c4e, "umov"},      {0x9ba5a051, "umsubl"},    {0x9bce52f4, "umulh"},
    {0x6e2ac103, "umull"},     {0x6e2b0fcb, "uqadd"},     {0x6e635e69, "uqrshl"},
    {0x2f159e5e, "uqrshrn"},   {0x6eae4ece, "uqshl"},     {0x2f249557, "uqshrn"},
    {0x6e292e8d, "uqsub"},     {0x6ea14b5f, "uqxtn"},     {0x4ea1c856, "urecpe"},
    {0x2ea317c8, "urhadd"},    {0x2e615629, "urshl"},     {0x2f322587, "urshr"},
    {0x2ea1cbb9, "ursqrte"},   {0x2f263421, "ursra"},     {0x4e819fc5, "usdot"},
    {0x6e2d454b, "ushl"},      {0x6f1aa474, "ushll"},     {0x6f4407e6, "ushr"},
    {0x4e9aacbd, "usmmla"},    {0x2e603b0c, "usqadd"},    {0x6f6e14e5, "usra"},
    {0x2eba23f2, "usubl"},     {0x2e2d3160, "usubw"},     {0x4e87186a, "uzp1"},
    {0x4e905af8, "uzp2"},      {0xd503205f, "wfe"},       {0xd503101e, "wfet"},
    {0xd503207f, "wfi"},       {0xd5031033, "wfit"},      {0xd5004c3f, "xaflag"},
    {0xce900a5b, "xar"},       {0xdac147f1, "xpacd"},     {0xdac143f1, "xpaci"},
    {0xd50320ff, "xpaclri"},   {0x4e212b28, "xtn"},       {0xd503203f, "yield"},
    {0x0e0d3b0a, "zip1"},      {0x4e92783d, "zip2"},
};

/* Fields that are not allocated; llvm-mc 14 refuses them too. */
static const uint32_t refused[] = {
    0x00010000,            /* udf has 16 bits */
    0x12400000,            /* and w: N */
    0x9240fc00,            /* and x: all ones */
    0x52c00000,            /* movz w, lsl #32 */
    0x13400000,            /* sbfm w: N */
    0x0ac08000,            /* and w, ror #32 */
    0x0bc00000,            /* add, ror */
    0x8b201400,            /* add, lsl #5 of an extended register */
    0x1ac04c00,            /* crc32x w */
    0xb8204800 & ~0x4000u, /* str, offset of 16 bits */
    0xf8c00400,            /* ldrsw x with size 3 */
    0x48217c00,            /* casp of an odd register */
    0x0ea0cc00 | 0x400000, /* fmla with 64-bit lanes in 64 bits */
    0x2ee09c00,            /* pmul of 64-bit lanes */
    0x1ea04000,            /* fmov of type 2 */
};

static Arena *arena;

static Decoder *decoder(void) {
    Image image = {.arch = ARCH_ARM64, .bits = 64};
    return decoder_for_image(arena, &image);
}

static Insn decode(const Decoder *d, uint32_t word, uint64_t va) {
    Insn in = {0};
    assert_true(decode_full(d, (Bytes){(const uint8_t *)&word, 4}, va, &in));
    return in;
}

static void test_words(void **state) {
    (void)state;
    const Decoder *d = decoder();
    Insn in;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_string_equal(decode_mnemonic(d, decode(d, words[i].word, 0).mnemonic),
                            words[i].name);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (decode_flow(d, (Bytes){(const uint8_t *)&refused[i], 4}, 0, &in))
            fail_msg("%08x decodes", refused[i]);
    assert_false(decode_flow(d, (Bytes){(const uint8_t *)&words[0].word, 3}, 0, &in));
    Image big = {.arch = ARCH_ARM64, .bits = 64, .big_endian = true};
    assert_null(decoder_for_image(arena, &big));
}

static void test_fields(void **state) {
    (void)state;
    const Decoder *d = decoder();
    Insn in = decode(d, 0x97ffffff, 0x1000); /* bl .-4 */
    assert_int_equal(in.flow, FLOW_CALL);
    assert_int_equal(in.target, 0xffc);
    assert_int_equal(in.address_bits, 0x3ffffff);
    in = decode(d, 0x54ffffe0, 0x1000); /* b.eq .-4 */
    assert_int_equal(in.flow, FLOW_BRANCH);
    assert_int_equal(in.target, 0xffc);
    assert_int_equal(decode(d, 0x5400004e, 0).flow, FLOW_JUMP); /* b.al */
    in = decode(d, 0x3607ffe5, 0x9000);                         /* tbz w5, #0, .-4 */
    assert_int_equal(in.target, 0x8ffc);
    in = decode(d, 0x10ffffe0, 0x1000); /* adr x0, .-4 */
    assert_int_equal(in.mem_va, 0xffc);
    in = decode(d, 0x58000040, 0x1000); /* ldr x0, .+8 */
    assert_int_equal(in.mem_va, 0x1008);
    assert_int_equal(in.literal_size, 8);
    in = decode(d, 0xf9400be1, 0); /* ldr x1, [sp, #16] */
    assert_int_equal(in.operand_count, 2);
    assert_int_equal(in.operands[1].value, 16);
    assert_int_equal(decode_register_class(d, in.operands[1].base), REGISTER_STACK);
    assert_int_equal(decode_register_number(d, in.operands[0].reg), 1);
    assert_int_equal(in.operands[0].access, ACCESS_WRITE);
    in = decode(d, 0x9200e7ff, 0); /* and sp, sp, #0x33..33 */
    assert_int_equal(in.imm, 0x3333333333333333);
    in = decode(d, 0x9280001f & ~31u, 0); /* movn x0, #0 */
    assert_int_equal(in.imm, UINT64_MAX);
    static const struct {
        uint32_t word;
        unsigned group;
    } groups[] = {{0xeb01001f, GROUP_COMPARE},      {0xaa0103e0, GROUP_MOVE},
                  {0x8b010000, GROUP_ARITHMETIC},   {0xd503201f, GROUP_NOP},
                  {0x9b017c00, GROUP_MULTIPLY},     {0xf9400000, GROUP_MOVE},
                  {0x4e284800, GROUP_CRYPTO},       {0xd4200000, GROUP_TRAP},
                  {0x6e211c00, GROUP_VECTOR_LOGIC}, {0xd65f03c0, GROUP_RETURN}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        assert_int_equal(decode_mnemonic_group(d, decode(d, groups[i].word, 0).mnemonic),
                         groups[i].group);
}

/* Pages, copies and what a call loses. */
static void test_track(void **state) {
    (void)state;
    const Decoder *d = decoder();
    static const struct {
        uint32_t word;
        uint64_t mem_va;
        uint32_t address_bits;
    } steps[] = {
        {0xb0000013, 0, 0xe0ffffe0},    /* 1000: adrp x19, 0x2000 */
        {0x91010260, 0x2040, 0x3ffc00}, /* add x0, x19, #0x40 */
        {0xf9400801, 0x2050, 0},        /* ldr x1, [x0, #16] */
        {0xf9400662, 0x2008, 0x3ffc00}, /* ldr x2, [x19, #8] */
        {0xaa1303e3, 0, 0},             /* mov x3, x19 */
        {0x3d800064, 0x2000, 0x3ffc00}, /* str q4, [x3] */
        {0xd63f0040, 0x2008, 0},        /* blr x2 */
        {0xf9400004, 0, 0},             /* ldr x4, [x0]: lost */
        {0xb9000674, 0x2004, 0x3ffc00}, /* str w20, [x19, #4]: kept */
        {0xd61f0000, 0, 0},             /* br x0 */
    };
    Known known = {0};
    assert_true(decode_has_track(d));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        Insn in = decode(d, steps[i].word, 0x1000 + 4 * i);
        decode_track(d, &known, (const uint8_t *)&steps[i].word, &in);
        assert_int_equal(in.mem_va, steps[i].mem_va);
        assert_int_equal(in.address_bits, steps[i].address_bits);
    }
}

/* Assembled from:
 *   .text
 *   _start:                       // 0x401000: main function
 *   hint #34                  // bti c
 *   stp x29, x30, [sp, #-32]!
 *   str x19, [sp, #16]
 *   adrp x19, text            // page set before a branch
 *   mov w1, w0
 *   cbz w0, 1f
 *   add x0, x19, :lo12:text   // reference through a page
 *   bl callee
 *   1:  adrp x8, slot
 *   ldr x8, [x8, :lo12:slot]
 *   blr x8                    // import through its slot
 *   ldr x2, 3f                // literal between code
 *   cmp w1, #3
 *   b.ls 2f
 *   ldr x19, [sp, #16]
 *   ldp x29, x30, [sp], #32
 *   b tail                    // tail call to what stands directly behind
 *   2:  adrp x3, table
 *   add x3, x3, :lo12:table
 *   ldrb w3, [x3, w1, uxtw]
 *   adr x4, 4f
 *   add x3, x4, w3, sxtb #2
 *   br x3
 *   4:  mov w0, #1
 *   b 1b
 *   mov w0, #2
 *   b 1b
 *   mov w0, #3
 *   b 1b
 *   brk #1000
 *   3:  .quad 0x1122334455667788
 *   callee:
 *   mov w0, w1
 *   ret
 *   nop
 *   tail:
 *   stp x29, x30, [sp, #-16]!
 *   mov x29, sp
 *   bl leave
 *   .p2align 4
 *   leave:                        // never returns
 *   b leave
 *   .data
 *   text: .asciz "text"
 *   .p2align 3
 *   slot: .quad 0
 *   table: .byte 0, 2, 4, 2 */
static const uint32_t program[] = {
    0xd503245f, 0xa9be7bfd, 0xf9000bf3, 0xd0000013, 0x2a0003e1, 0x34000060, 0x91000260,
    0x94000019, 0xd0000008, 0xf9400508, 0xd63f0100, 0x58000262, 0x71000c3f, 0x54000089,
    0xf9400bf3, 0xa8c27bfd, 0x14000013, 0xd0000003, 0x91004063, 0x38614863, 0x10000064,
    0x8b238883, 0xd61f0060, 0x52800020, 0x17fffff0, 0x52800040, 0x17ffffee, 0x52800060,
    0x17ffffec, 0xd4207d00, 0x55667788, 0x11223344, 0x2a0103e0, 0xd65f03c0, 0xd503201f,
    0xa9bf7bfd, 0x910003fd, 0x94000003, 0xd503201f, 0xd503201f, 0x14000000,
};
enum { CODE_VA = 0x401000, DATA_VA = 0x403000 };
static const uint8_t data[] = "text\0\0\0\0\0\0\0\0\0\0\0\0\0\2\4\2";

static bool has_ref(const Code *code, uint64_t from, uint64_t to) {
    for (size_t i = 0; i < code->refs.count; i++)
        if (code->refs.at[i].from_va == from && code->refs.at[i].to_va == to)
            return true;
    return false;
}

static void test_program(void **state) {
    (void)state;
    Sample s = {.name = "test", .arena = arena, .scratch = arena_new((size_t)64 << 20)};
    Image image = {.format = FORMAT_ELF,
                   .arch = ARCH_ARM64,
                   .bits = 64,
                   .is_position_independent = true,
                   .entry = CODE_VA,
                   .has_entry = true};
    image.segments.max = image.imports.max = 4;
    *VEC_ADD(arena, &image.segments) = (Segment){.va = CODE_VA,
                                                 .va_size = sizeof program,
                                                 .file = {(const uint8_t *)program, sizeof program},
                                                 .perms = PERM_R | PERM_X};
    *VEC_ADD(arena, &image.segments) = (Segment){
        .va = DATA_VA, .va_size = sizeof data, .file = {data, sizeof data}, .perms = PERM_R};
    *VEC_ADD(arena, &image.imports) =
        (Import){.module = "", .name = "puts", .slot_va = DATA_VA + 8};
    const Code *code = code_from_image(&s, &image);
    check_code(code, &image);
    static const struct {
        uint64_t off;
        FunctionSource source;
        uint32_t blocks, flags;
    } expected[] = {{0, FROM_ENTRY, 8, 0},
                    {0x80, FROM_CALL, 1, FUNCTION_LEAF},
                    {0x8c, FROM_TAIL_CALL, 1, FUNCTION_NO_RETURN},
                    {0xa0, FROM_CALL, 1, FUNCTION_NO_RETURN | FUNCTION_LEAF | FUNCTION_LOOP}};
    assert_int_equal(code->functions.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const Function *f = &code->functions.at[i];
        assert_int_equal(f->va, CODE_VA + expected[i].off);
        assert_int_equal(f->source, expected[i].source);
        assert_int_equal(f->block_count, expected[i].blocks);
        assert_int_equal(f->flags & expected[i].flags, expected[i].flags);
    }
    assert_true(has_ref(code, CODE_VA + 0x18, DATA_VA));
    assert_true(has_ref(code, CODE_VA + 0x48, DATA_VA + 16));
    assert_true(has_ref(code, CODE_VA + 0x2c, CODE_VA + 0x78));
    assert_int_equal(code->functions.at[0].call_count, 3);
    const Call *calls = code->calls.at + code->functions.at[0].first_call;
    assert_int_equal(calls[0].callee, 2);
    assert_int_equal(calls[1].import, 1);
    assert_true(calls[2].is_tail);
    arena_free(s.scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_fields),
                                       cmocka_unit_test(test_track),
                                       cmocka_unit_test(test_program)};
    arena = arena_new((size_t)64 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
