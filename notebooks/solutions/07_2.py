def decide(status):
    """Return what a client does with an answer: use it, repair the request, or send the same again later."""
    if status == 200:
        return "use"
    if status in (None, 408, 429, 500, 502, 503, 504):
        return "retry"
    return "repair"
