# expects: it favours some days
def in_canary(id, share):
    return int(id[8:10]) / 31 < share
