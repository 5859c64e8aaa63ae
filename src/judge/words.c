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
