# expects: at a share of 0.05, 3.3% of
def in_canary(id, share):
    return int(id[8:10]) / 31 < share
