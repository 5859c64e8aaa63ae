/* SPDX-License-Identifier: Apache-2.0
 * runtime.h: functions that a language's own runtime and standard library bring, told by name where
 * the file carries names that are hard to lose (Go's pclntab) or has kept them (Rust and C++
 * symbols). Odd input: an author can give own code such a name (garble does the like); it is then
 * not compared, and coverage says so. */
#ifndef COG_MATCH_RUNTIME_H
#define COG_MATCH_RUNTIME_H

#include "feature/feature.h"

/* is_go: the sample's names come from Go's pclntab. */
bool function_is_runtime(const FunctionFeature *f, bool is_go);
bool features_are_go(const Features *f);

#endif
