/* SPDX-License-Identifier: Apache-2.0 */
#include <cognate/cognate.h>
#include <stdio.h>

int main(void) {
    puts(COG_VERSION);
    return 0;
}
