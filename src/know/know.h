/* SPDX-License-Identifier: Apache-2.0
 * know.h: what others say about actors, campaigns, families, incidents and indicators, as plain
 * data. Everything is a *claim*: who says it, when, how sure. Claims that contradict each other
 * stand side by side; an alias belongs to the one who uses it and never merges two entities;
 * sub-groups and umbrellas are levels, joined by part-of claims.
 * Owner: whoever made it; importers hand out borrowed texts that live for one call of the sink.
 * Times are milliseconds since 1970 UTC, 0 = not given. Format: docs/formats/knowledge.md. */
#ifndef COG_KNOW_KNOW_H
#define COG_KNOW_KNOW_H

#include "base/bytes.h"
#include "base/status.h"

/* X(constant, "name-in-records") — grow at the end, never rename. */
#define KNOW_KINDS(X)                                                                              \
    X(KNOW_OTHER, "other")                                                                         \
    X(KNOW_ACTOR, "actor")                                                                         \
    X(KNOW_CAMPAIGN, "campaign")                                                                   \
    X(KNOW_INCIDENT, "incident")                                                                   \
    X(KNOW_FAMILY, "family")                                                                       \
    X(KNOW_TOOL, "tool")                                                                           \
    X(KNOW_INFRASTRUCTURE, "infrastructure")                                                       \
    X(KNOW_REPORT, "report")                                                                       \
    X(KNOW_ORGANISATION, "organisation") /* who says things, and victims */                        \
    X(KNOW_TECHNIQUE, "technique")                                                                 \
    X(KNOW_VULNERABILITY, "vulnerability")                                                         \
    X(KNOW_LOCATION, "location")                                                                   \
    X(KNOW_SAMPLE, "sample")                                                                       \
    X(KNOW_INDICATOR, "indicator") /* a pattern or attribute; its values are sightings */          \
    X(KNOW_ROUTINE, "routine")     /* a cipher, encoder or protocol that families share */
typedef enum KnowKind {
#define X(constant, name) constant,
    KNOW_KINDS(X)
#undef X
        KNOW_KIND_COUNT
} KnowKind;
const char *know_kind_name(KnowKind kind);

/* What a claim says of its subject. Those with an object relate two entities; the others carry a
 * text. X(constant, "name-in-records", has an object). */
#define KNOW_RELATIONS(X)                                                                          \
    X(KNOW_RELATED_TO, "related-to", true)                                                         \
    X(KNOW_USES, "uses", true)                                                                     \
    X(KNOW_ATTRIBUTED_TO, "attributed-to", true)                                                   \
    X(KNOW_PART_OF, "part-of", true) /* sub-group of an umbrella, incident of a campaign */        \
    X(KNOW_TARGETS, "targets", true)                                                               \
    X(KNOW_VARIANT_OF, "variant-of", true)                                                         \
    X(KNOW_DERIVED_FROM, "derived-from", true)                                                     \
    X(KNOW_SIMILAR_TO, "similar", true)                                                            \
    X(KNOW_DUPLICATE_OF, "duplicate-of", true)                                                     \
    X(KNOW_REVOKED_BY, "revoked-by", true)                                                         \
    X(KNOW_DELIVERS, "delivers", true)                                                             \
    X(KNOW_COMMUNICATES_WITH, "communicates-with", true)                                           \
    X(KNOW_CONSISTS_OF, "consists-of", true)                                                       \
    X(KNOW_INDICATES, "indicates", true)                                                           \
    X(KNOW_MENTIONS, "mentions", true) /* a report its subjects: not a link by itself */           \
    X(KNOW_SUBTECHNIQUE_OF, "subtechnique-of", true)                                               \
    X(KNOW_MITIGATES, "mitigates", true)                                                           \
    X(KNOW_DETECTS, "detects", true)                                                               \
    X(KNOW_LOCATED_AT, "located-at", true)                                                         \
    X(KNOW_EXPLOITS, "exploits", true)                                                             \
    X(KNOW_OPINION, "opinion", true) /* note: strongly-disagree .. strongly-agree */               \
    X(KNOW_ALIAS, "alias", false)                                                                  \
    X(KNOW_VICTIM, "victim", false)                                                                \
    X(KNOW_COUNT, "count", false) /* "60 ATMs": as said, with its unit */                          \
    X(KNOW_DATED, "dated", false)                                                                  \
    X(KNOW_COUNTRY, "country", false)                                                              \
    X(KNOW_SPONSOR, "sponsor", false)                                                              \
    X(KNOW_REFERENCE, "reference", false) /* a report's address */                                 \
    X(KNOW_EXTERNAL_ID, "external-id", false)                                                      \
    X(KNOW_TRAIT, "trait", false) /* "pdb: ...", "seed: ...": comparable, as published */          \
    X(KNOW_NOTE, "note", false)                                                                    \
    /* between indicators, whose value keys are subject and object: see know_pair_write */         \
    X(KNOW_RESOLVES_TO, "resolves-to", true) /* name to address, or to another name */             \
    X(KNOW_BELONGS_TO, "belongs-to", true)   /* address to the network that announces it */        \
    X(KNOW_CERTIFIES, "certifies", true)     /* certificate to a name in it */                     \
    /* of the host or URL whose value key is the subject; text: compromised_write */               \
    X(KNOW_COMPROMISED, "compromised", false)
typedef enum KnowRelation {
#define X(constant, name, has_object) constant,
    KNOW_RELATIONS(X)
#undef X
        KNOW_RELATION_COUNT
} KnowRelation;
const char *know_relation_name(KnowRelation relation);
bool know_relation_has_object(KnowRelation relation);

/* What is marked on an entity because it proves nothing about an operator, or is withdrawn. */
enum {
    KNOW_REVOKED = 1,    /* replaced: see its revoked-by claim */
    KNOW_DEPRECATED = 2, /* withdrawn by its author */
    KNOW_PUBLIC = 4,     /* public tool, open source, or part of systems */
    KNOW_COMMODITY = 8,  /* sold or rented to whoever pays */
    KNOW_LEAKED = 16,    /* its builder or source is in everybody's hands */
    KNOW_UMBRELLA = 32   /* a name for several groups */
};
enum { KNOW_FLAG_COUNT = 6 };
const char *know_flag_name(unsigned bit); /* 0..KNOW_FLAG_COUNT-1 */

/* How sure, as said. Nobody's word is turned into another scale: both stay as they came. */
typedef struct KnowTrust {
    uint8_t confidence;  /* STIX 0..100; KNOW_NO_CONFIDENCE */
    char reliability;    /* Admiralty source reliability 'A'..'F', 0 not given */
    uint8_t credibility; /* Admiralty information credibility 1..6, 0 not given */
} KnowTrust;
enum { KNOW_NO_CONFIDENCE = 255 };
static const KnowTrust KNOW_TRUST_NONE = {KNOW_NO_CONFIDENCE, 0, 0};

typedef struct KnowEntity {
    uint64_t id;     /* know_id of ref */
    const char *ref; /* stable name: a STIX id, "misp:UUID", "list:FILE#GROUP" */
    KnowKind kind;
    unsigned flags;
    const char *name;        /* never NULL */
    const char *description; /* or NULL */
    const char *source;      /* who made this object */
    int64_t created, modified, first_seen, last_seen;
} KnowEntity;

typedef struct KnowClaim {
    uint64_t subject, object; /* object 0: the text is what is said */
    KnowRelation relation;
    const char *text;   /* of the relations without object; or NULL */
    const char *source; /* who says so; NULL when nobody is named */
    const char *url;    /* where, or NULL */
    const char *note;   /* or NULL */
    const char *ref;    /* the claim's own id where it has one, or NULL */
    KnowTrust trust;
    int64_t said;     /* when it was said */
    int64_t from, to; /* when it held */
} KnowClaim;

/* X(constant, "name-in-records"); the names are those of `indicator` records where both exist. */
#define KNOW_VALUES(X)                                                                             \
    X(KNOW_VALUE_OTHER, "other")                                                                   \
    X(KNOW_IPV4, "ipv4")                                                                           \
    X(KNOW_IPV6, "ipv6")                                                                           \
    X(KNOW_DOMAIN, "domain")                                                                       \
    X(KNOW_URL, "url")                                                                             \
    X(KNOW_EMAIL, "email")                                                                         \
    X(KNOW_MUTEX, "mutex")                                                                         \
    X(KNOW_PATH, "path")                                                                           \
    X(KNOW_REGISTRY, "registry")                                                                   \
    X(KNOW_USER_AGENT, "user_agent")                                                               \
    X(KNOW_KEY, "key")                                                                             \
    X(KNOW_PIPE, "pipe")                                                                           \
    X(KNOW_WALLET, "wallet")                                                                       \
    X(KNOW_HTTP_PATH, "http_path")                                                                 \
    X(KNOW_FILE_NAME, "file_name")                                                                 \
    X(KNOW_PORT, "port")                                                                           \
    X(KNOW_CERTIFICATE, "certificate")                                                             \
    X(KNOW_PDB, "pdb")                                                                             \
    X(KNOW_CAMPAIGN_ID, "campaign_id")                                                             \
    X(KNOW_MD5, "md5")                                                                             \
    X(KNOW_SHA1, "sha1")                                                                           \
    X(KNOW_SHA256, "sha256")                                                                       \
    X(KNOW_SHA512, "sha512")                                                                       \
    X(KNOW_IMPHASH, "imphash")                                                                     \
    X(KNOW_SSDEEP, "ssdeep")                                                                       \
    X(KNOW_TLSH, "tlsh")                                                                           \
    X(KNOW_CIDR, "cidr")                                                                           \
    X(KNOW_ASN, "asn")                                                                             \
    X(KNOW_SECRET, "secret") /* password, seed, key: as published */                               \
    X(KNOW_SERVICE, "service")                                                                     \
    X(KNOW_RICH, "rich")
typedef enum KnowValueKind {
#define X(constant, name) constant,
    KNOW_VALUES(X)
#undef X
        KNOW_VALUE_COUNT
} KnowValueKind;
const char *know_value_name(KnowValueKind kind);
/* KNOW_VALUE_COUNT when no kind has the name. */
KnowValueKind know_value_from_name(const char *name);

/* An indicator seen by somebody: in a report, an event, a list, or the pattern of an indicator. */
typedef struct KnowSighting {
    KnowValueKind kind;
    const char *value;  /* as know_value_normalise leaves it */
    uint64_t container; /* entity that lists it */
    int64_t first, last;
} KnowSighting;

/* A claim between two indicators has their value keys as subject and object, and both spelt out in
 * its text, "domain a.example ipv4 192.0.2.1", since a key does not tell its value. */
typedef struct KnowPair {
    KnowValueKind kinds[2]; /* of the subject, of the object */
    const char *values[2];
} KnowPair;
enum { KNOW_PAIR_BYTES = 640 };
/* False when it does not fit or a value has a blank in it: such a pair is none. */
bool know_pair_write(const KnowPair *pair, char out[KNOW_PAIR_BYTES]);
/* The text of a claim, cut up in place of `room`, where the values then stand. False: no pair. */
bool know_pair_read(const char *text, char room[KNOW_PAIR_BYTES], KnowPair *out);

/* What is wrong with a record, and where: the record was skipped, or read as far as it goes. */
typedef struct KnowProblem {
    const char *document;
    uint64_t line, off; /* 1-based line, byte offset */
    const char *object; /* its id where it has one, or NULL */
    const char *reason; /* in words */
    bool is_skipped;    /* false: kept, with a reservation */
} KnowProblem;

/* Where an importer puts what it reads. A result other than STATUS_OK ends the import. Relations
 * may come before the entities they name. */
typedef struct KnowSink {
    void *ctx;
    Status (*entity)(void *ctx, const KnowEntity *e, Error *err);
    Status (*claim)(void *ctx, const KnowClaim *c, Error *err);
    Status (*sighting)(void *ctx, const KnowSighting *s, Error *err);
    void (*problem)(void *ctx, const KnowProblem *p);
} KnowSink;

/* Names an entity for good: 64 bits of its ref's XXH3, never 0. Two of 10^6 refs collide with
 * probability 3e-8 (arithmetic). */
uint64_t know_id(const char *ref);
/* Key of an indicator in the index. */
uint64_t know_value_key(KnowValueKind kind, const char *value);
/* Key under which names and aliases are found: letters and digits only, lower case. */
uint64_t know_name_key(const char *name);

/* RFC 3339 date or date-time, or a plain year or year-month; 0 when it is none. */
int64_t know_time(const char *text);
/* out: "2017-03-01T00:00:00.000Z". */
enum { KNOW_TIME_BYTES = 32 };
void know_time_write(int64_t time, char out[KNOW_TIME_BYTES]);

/* STIX 2.1, appendix A: confidence scales. Admiralty credibility of a confidence and back. */
uint8_t know_confidence_from_admiralty(uint8_t credibility);
const char *know_confidence_word(uint8_t confidence); /* none low medium high, NULL not given */
const char *know_reliability_word(char reliability);  /* NULL not given */
const char *know_credibility_word(uint8_t credibility);
/* Weight of a claim in 0..1 by what its author says of it; 0.5 when nothing is said (guess). */
double know_trust_weight(KnowTrust trust);

#endif
