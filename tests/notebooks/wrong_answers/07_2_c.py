# expects: decide(None) is "repair"
def decide(status):
    if status == 200:
        return "use"
    return "retry" if status in (408, 429, 502, 503, 504) else "repair"
