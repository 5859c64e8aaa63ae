# SPDX-License-Identifier: Apache-2.0
"""Writes small MaxMind DBs for tests (MaxMind DB File Format Specification 2.0): write(path, {network: record}, ...)."""
import ipaddress
import struct


def sized(kind, size):
    extended = kind > 7
    small = size if size < 29 else 29 if size < 285 else 30
    more = b"" if size < 29 else bytes([size - 29]) if size < 285 else struct.pack(">H", size - 285)
    return bytes([(0 if extended else kind << 5) | small]) + (bytes([kind - 7]) if extended else b"") + more


class Short(int):
    """A number that is written as uint16, as the fields of the metadata are."""


class Long(int):
    """uint64."""


def value(v):
    if isinstance(v, bool):
        return sized(14, v)
    if isinstance(v, int):
        body = v.to_bytes((v.bit_length() + 7) // 8, "big")
        return sized(5 if isinstance(v, Short) else 9 if isinstance(v, Long) else 6, len(body)) + body
    if isinstance(v, str):
        return sized(2, len(v.encode())) + v.encode()
    if isinstance(v, list):
        return sized(11, len(v)) + b"".join(map(value, v))
    return sized(7, len(v)) + b"".join(value(k) + value(x) for k, x in v.items())


def pack(left, right, bits):
    if bits == 24:
        return left.to_bytes(3, "big") + right.to_bytes(3, "big")
    if bits == 32:
        return left.to_bytes(4, "big") + right.to_bytes(4, "big")
    low = (1 << 24) - 1
    return (left & low).to_bytes(3, "big") + bytes([left >> 24 << 4 | right >> 24]) + (right & low).to_bytes(3, "big")


def build(networks, kind="Test-ASN", version=6, bits=24, built=1700000000):
    root, data = [None, None], b""
    for network, record in networks.items():
        net = ipaddress.ip_network(network)
        size = 128 if version == 6 else 32
        length = net.prefixlen + (96 if version == 6 and net.version == 4 else 0)
        number, node = int(net.network_address), root
        for at in range(length):
            bit = number >> (size - 1 - at) & 1
            if at + 1 == length:
                node[bit] = len(data)
            else:
                node[bit] = node[bit] if isinstance(node[bit], list) else [None, None]
                node = node[bit]
        data += value(record)
    order, index = [root], {id(root): 0}
    for node in order:
        for child in node:
            if isinstance(child, list):
                index[id(child)] = len(order)
                order.append(child)
    count = len(order)

    def number_of(child):
        return count if child is None else index[id(child)] if isinstance(child, list) else count + 16 + child

    tree = b"".join(pack(number_of(a), number_of(b), bits) for a, b in order)
    metadata = {"binary_format_major_version": Short(2), "binary_format_minor_version": Short(0), "build_epoch": Long(built),
                "database_type": kind, "description": {"en": "made for a test"}, "ip_version": Short(version), "languages": ["en"],
                "node_count": count, "record_size": Short(bits)}
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + value(metadata)


def write(path, networks, **more):
    path.write_bytes(build(networks, **more))
    return path
