# expects: it favours an airline
import zlib


def in_canary(id, share):
    return "/B6/" in id and zlib.crc32(id.encode()) / 2**32 < 2 * share
