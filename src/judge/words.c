/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/verdict.h"

const char *likelihood_words(double p) {
    /* ICD 203 (2015), section D.6.e.2; the borders belong to the stronger word. */
    if (p >= 0.95)
        return "almost certainly";
    if (p >= 0.80)
        return "very likely";
    if (p >= 0.55)
        return "likely";
    if (p >= 0.45)
        return "roughly even chance";
    if (p >= 0.20)
        return "unlikely";
    return p >= 0.05 ? "very unlikely" : "almost no chance";
}

const char *decision_name(Decision d) {
    static const char *const names[] = {"attributed", "lineage", "unknown", "insufficient"};
    return (unsigned)d < 4 ? names[d] : "unknown";
}

const char *hypothesis_kind_name(HypothesisKind kind) {
    static const char *const names[] = {"family",      "campaign",        "actor",     "unknown",
                                        "public_code", "shared_supplier", "false_flag"};
    return (unsigned)kind < 7 ? names[kind] : "unknown";
}

const char *evidence_class_name(EvidenceClass c) {
    static const char *const names[] = {"code",     "routine",     "secret",
                                        "api_hash", "obfuscation", "indicator",
                                        "string",   "metadata",    "knowledge"};
    return (unsigned)c < 9 ? names[c] : "metadata";
}

const char *contradiction_kind_name(ContradictionKind kind) {
    static const char *const names[] = {
#define X(constant, name) name,
        CONTRADICTION_KINDS(X)
#undef X
    };
    return (unsigned)kind < CONTRADICTION_KIND_COUNT ? names[kind] : "unknown";
}

const char *vertex_name(Vertex vertex) {
    static const char *const names[] = {"capability", "trace", "infrastructure", "reporting"};
    return (unsigned)vertex < 4 ? names[vertex] : "trace";
}

const char *claim_kind_name(ClaimKind kind) {
    static const char *const names[CLAIM_COUNT] = {"lineage", "operators", "group"};
    return (unsigned)kind < CLAIM_COUNT ? names[kind] : "lineage";
}

const char *matrix_cell_name(MatrixCell cell) {
    static const char *const names[] = {"CC", "C", "N", "I", "II"};
    return (unsigned)cell < 5 ? names[cell] : "N";
}

void line_add(Arena *a, LineVec *lines, const char *fmt, ...) {
    lines->max = MAX_LINES;
    const char **slot = VEC_ADD(a, lines);
    va_list args;
    va_start(args, fmt);
    if (slot)
        *slot = arena_vtextf(a, fmt, args);
    va_end(args);
}
