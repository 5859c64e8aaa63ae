/* SPDX-License-Identifier: Apache-2.0
 * exam.h: one function under examination: what match_*.c share; private to unwrap/. A matcher looks
 * at shots of the probe, asks for more, and says true when it knows what the function computes;
 * it has filled the Finding then. */
#ifndef COG_UNWRAP_EXAM_H
#define COG_UNWRAP_EXAM_H

#include "unwrap/cipher.h"
#include "unwrap/probe.h"
#include "unwrap/routine.h"
#include "unwrap/secrets.h"
#include "unwrap/sift.h"

enum {
    FINDING_PARAMETERS = 8,
    EXAM_STREAM = 200, /* bytes of a keystream that are looked at */
    EXAM_SHORT_STREAM = 40
};

typedef struct Finding {
    RoutineKind kind;
    const char *algorithm; /* or NULL */
    /* What distinguishes the function from others of that name, without keys and seeds; and what it
     * has in common with those of other constants. */
    char constants[160], family[64];
    RoutineParameter parameters[FINDING_PARAMETERS];
    unsigned parameter_count;
    uint8_t confidence, flags;
    /* Cell that holds the key (or seed, or alphabet) and what it is called, for the call sites; -1:
     * none. key_size: 0 when it is given by another argument or ends with a zero. */
    int key_cell;
    const char *key_name;
    unsigned key_size;
    /* The key is as long as the data, as far as runs tell: two buffers that are combined, and no
     * cipher unless some caller has a key. */
    bool is_of_buffers;
} Finding;

typedef struct Exam {
    Arena *arena;   /* results: texts of parameters */
    Arena *scratch; /* the probe's */
    Probe *probe;
    SecretSource *source;
    const Function *function;
    const Secrets *found_secrets; /* NULL: not asked for yet; exam_secrets */
    size_t length; /* of the streams that are asked for: EXAM_STREAM, or the short one */
    const Sifted *sifted;
    bool writes;    /* some shot of random bytes wrote something */
    Blowfish *pi;   /* NULL: the image has no trace of it; exam_pi */
    bool *has_pi;   /* it is computed */
    bool has_sigma; /* the first word of ChaCha's and Salsa20's constant stands in the image */
    Finding out;
} Exam;

/* ---- exam.c ---- */
const Secrets *exam_secrets(Exam *x);
/* Whether it may be one of the routines that take long for little data, by their constants. */
bool exam_may_be_long(Exam *x);
/* Blowfish's tables, which are computed when they are first asked for. */
const Blowfish *exam_pi(const Exam *x);
void finding_set(Exam *x, RoutineKind kind, const char *algorithm, const char *family);
/* Adds to `constants`. */
void finding_add_constant(Exam *x, const char *name, uint64_t value);
void finding_add_bytes(Exam *x, const char *name, Bytes b);
void finding_add_number(Exam *x, const char *name, uint64_t number, ParameterKind kind);
void finding_add_text(Exam *x, const char *name, const char *text);
/* Whether a parameter has that name. */
bool finding_has(const Exam *x, const char *name);

/* Cells, one bit each. */
typedef uint32_t CellSet;
#define CELLS_ALL UINT32_MAX
/* Bytes that a shot made out of buffers of `length` bytes with salt 1. */
typedef struct Made {
    const ProbeOutput *output;
    size_t start, size; /* in output->after */
    size_t length;
    uint64_t steps; /* of the shot */
} Made;
/* Whether other bytes in `cell`, all of them from `salt` or (salt 0) one bit at `off`, make other
 * bytes there; -1: that run did not end, or gave no such output. Fills the setup again. */
int exam_depends(Exam *x, const Made *made, unsigned cell, uint64_t salt, size_t off);
/* Buffers that can hold a key for the bytes: those on which they depend, as far as runs tell. */
typedef struct KeyCells {
    CellSet may;  /* all when finding out costs too much */
    CellSet must; /* surely: whatever makes the bytes without them is not it */
} KeyCells;
/* `but` is left out: it holds the data. */
KeyCells exam_key_cells(Exam *x, const Made *made, int but);

typedef struct KeyPlace {
    Bytes bytes;
    int cell;    /* -1: in the image */
    bool is_any; /* any prefix of the bytes may be the key */
} KeyPlace;
/* Places for a key: contents of those cells, then, unless a key must come in a cell, blobs. Returns
 * how many; out has room for EXAM_KEYS. */
enum { EXAM_KEYS = PROBE_CELLS + MOST_BLOBS };
unsigned exam_keys(Exam *x, KeyCells cells, KeyPlace *out);
/* The cell, as a set, or none. */
CellSet key_place_cell(const KeyPlace *place);
/* Eight bytes and more with hardly any that is not zero are a number, a flag or nothing yet: nobody
 * chose them as a key. */
bool key_is_empty(const uint8_t *key, size_t size);
/* Reports a key: as a parameter, or as the cell it comes in. */
void finding_add_key(Exam *x, const KeyPlace *place, size_t size);

/* ---- matchers ---- */
typedef enum StreamOp { STREAM_XOR, STREAM_ADD, STREAM_SUB } StreamOp;
typedef struct Stream {
    uint8_t ks[EXAM_STREAM];
    size_t n;
    StreamOp op;
    int in_cell, out_cell;
    Made made; /* what ks was read from */
} Stream;
/* What the operation combined with `in` to make `out`. */
uint8_t stream_byte(StreamOp op, uint8_t in, uint8_t out);
bool match_stream(Exam *x);                     /* match_stream.c: keystreams and byte maps */
bool match_keystream(Exam *x, const Stream *s); /* match_keystream.c */
bool match_lcg(Exam *x, const Stream *s);
bool match_map(Exam *x, int in_cell, int out_cell); /* match_map.c */
bool match_block(Exam *x);     /* match_block.c: block ciphers, key schedules */
bool match_digest(Exam *x);    /* match_hash.c: results and digests */
bool match_unpackers(Exam *x); /* match_code.c: decompressors */
bool match_coding(Exam *x);    /* match_code.c: base-n, insertions, decompressors */
bool match_generator(Exam *x); /* match_hash.c */

#endif
