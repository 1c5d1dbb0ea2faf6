# expects: it favours some flights
def in_canary(id, share):
    return int(id.split("/")[2]) % 10 < 10 * share
