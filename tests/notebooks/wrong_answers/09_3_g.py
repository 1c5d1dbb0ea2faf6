# expects: at a share of 0.9, 50.0% of
import zlib


def in_canary(id, share):
    return zlib.crc32(id.encode()) / 2**32 < min(share, 0.5)
