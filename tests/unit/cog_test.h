/* SPDX-License-Identifier: Apache-2.0
 * cog_test.h: what cmocka wants before it is included. */
#ifndef COG_TEST_H
#define COG_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
