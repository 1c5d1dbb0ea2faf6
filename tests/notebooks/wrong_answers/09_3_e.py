# expects: ids are in the canary
def in_canary(id, share):
    return len(id) % 2 == 0
