/* SPDX-License-Identifier: Apache-2.0
 * host.h: one instruction on the host's own x86-64 processor, for what Unicorn does not know or
 * gets wrong; 32-bit ones in its compatibility mode. Only instructions that the oracle made itself
 * come here. They run in a child, between two pieces of code that load and save all registers;
 * signals end them. */
#ifndef COG_ORACLE_HOST_H
#define COG_ORACLE_HOST_H

#include "oracle.h"

/* The areas lie at their own addresses (the low one does not: nothing can be mapped there).
 * ANSWER_REFUSED: illegal here, or the host is another processor. */
OracleAnswer host_run(bool is_64, const OracleCase *c, OracleState *after);

/* Of x86.c: flags as the register that holds them. */
uint64_t x86_flags_of(const OracleState *s);
void x86_set_flags(OracleState *s, uint64_t flags);

#endif
