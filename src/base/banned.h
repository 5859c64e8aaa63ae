/* SPDX-License-Identifier: Apache-2.0
 * banned.h: C functions that nobody here calls, with what to use. Included last by .c files; forced
 * in by the build for everything under src/. */
#ifndef COG_BASE_BANNED_H
#define COG_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__) /* clang fortifies by macros of these names */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atof
#endif

#endif
