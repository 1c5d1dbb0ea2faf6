# expects: decide(413) is "retry"
def decide(status):
    if status == 200:
        return "use"
    return "retry" if status in (None, 408, 413, 429, 500, 502, 503, 504) else "repair"
