# expects: are in a canary of 20%
def in_canary(id, share):
    return len(id) % 2 == 0
