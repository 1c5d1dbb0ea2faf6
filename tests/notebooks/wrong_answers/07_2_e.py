# expects: decide(401) is "use"
def decide(status):
    if status in (200, 401, 422):
        return "use"
    return "retry" if status in (None, 408, 429, 502, 503, 504) else "repair"
