# expects: decide(408) is "repair"
def decide(status):
    if status == 200:
        return "use"
    return "retry" if status in (None, 429, 500, 502, 503, 504) else "repair"
