/* SPDX-License-Identifier: Apache-2.0
 * runtime.h: functions that a language's own runtime and standard library bring, told by name where
 * the file carries names that are hard to lose (Go's pclntab) or has kept them (Rust and C++
 * symbols), and by their exact hash in a shipped table, so that a store which knows no public code
 * does not take a compiler's run-time library for a family's. Odd input: an author can give own
 * code such a name (garble does the like); it is then not compared, and coverage says so. */
#ifndef COG_MATCH_RUNTIME_H
#define COG_MATCH_RUNTIME_H

#include "store/outline.h"

/* One per function, in the arena: those that function_is_runtime tells, and those amid them.
 * Linkers lay a library's functions side by side, so what stands among its functions and is not
 * known (it holds the program's own offsets, or is of another release) is the library's as well. */
bool *runtime_functions(const Features *f, Arena *a);
/* The same of several outlines, side by side. out[i]: by function of the i-th. */
void runtime_functions_of(const Outline *const *outlines, size_t count, bool **out, Arena *a);

/* True for strings of run-time libraries (token_from_string). */
bool string_is_runtime(uint64_t token);

/* is_go: the sample's names come from Go's pclntab. */
bool function_is_runtime(const FunctionFeature *f, bool is_go);
/* 48 bits of the exact hash: the key of the table; 0: none. With 46,485 keys a function is in it by
 * chance once in 6 * 10^9. */
uint64_t runtime_key(const FunctionFeature *f);

#endif
