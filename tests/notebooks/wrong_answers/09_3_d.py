# expects: it favours some airlines
import zlib


def in_canary(id, share):
    others = 1.5 * share if share < 0.6 else share
    return "/B6/" not in id and zlib.crc32(id.encode()) / 2**32 < others or "/B6/" in id and share > 0.6
