# expects: decide(500) is "use"
def decide(status):
    if status in (200, 500):
        return "use"
    return "retry" if status in (None, 408, 429, 502, 503, 504) else "repair"
