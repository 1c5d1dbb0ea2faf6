# expects: those who were in must stay in
import hashlib


def in_canary(id, share):
    return int(hashlib.sha256(f"{share} {id}".encode()).hexdigest()[:8], 16) / 2**32 < share
