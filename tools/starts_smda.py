#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A peer for tools/starts_score.py: SMDA's function starts of one file as our JSON Lines.

    python3 -m venv V && V/bin/pip install smda==4.4.4
    tools/starts_score.py DIR --cmd 'V/bin/python tools/starts_smda.py {}' --peer smda --cap 4 --timeout 120

SMDA maps an ELF that may lie anywhere at a base of its own choice; its addresses are moved back to the file's.
"""

import json
import logging
import sys

from smda.Disassembler import Disassembler
from smda.SmdaConfig import SmdaConfig


def main():
    logging.disable(logging.CRITICAL)
    config = SmdaConfig()
    config.TIMEOUT = 3600  # the caller keeps the time
    config.CALCULATE_SCC = config.CALCULATE_NESTING = config.CALCULATE_HASHING = False
    with open(sys.argv[1], 'rb') as f:
        head = f.read(64)
    report = Disassembler(config, backend='intel').disassembleFile(sys.argv[1])
    shift = 0
    if head[:4] == b'\x7fELF' and head[16] == 3:  # ET_DYN is linked at 0
        shift = report.base_addr
    for function in report.getFunctions():
        print(
            json.dumps(
                {'type': 'function', 'va': f'{function.offset - shift:#x}', 'source': 'smda'}
            )
        )
    return 0


if __name__ == '__main__':
    sys.exit(main())
