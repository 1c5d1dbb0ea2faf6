import zlib


def in_canary(id, share):
    return zlib.crc32(id.encode()) / 2**32 < share
