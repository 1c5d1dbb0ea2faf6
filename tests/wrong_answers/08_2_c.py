# expects: those who were in must stay in
import zlib


def in_canary(id, share):
    return zlib.crc32(f"{share} {id}".encode()) / 2**32 < share
