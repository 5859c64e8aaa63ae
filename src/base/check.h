/* SPDX-License-Identifier: Apache-2.0
 * check.h: what is wrong with our own code, and attributes that help the compiler see it.
 * CHECK stays on in release: a broken invariant ends the worker, and the parent reports it. */
#ifndef COG_BASE_CHECK_H
#define COG_BASE_CHECK_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NO_RETURN __attribute__((noreturn))

NO_RETURN void check_failed(const char *condition, const char *file, int line);

#define CHECK(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))

#endif
