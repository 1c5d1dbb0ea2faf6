# expects: in another process, on another day, the answers are others
def in_canary(id, share):
    return hash(id) % 1000 / 1000 < share
