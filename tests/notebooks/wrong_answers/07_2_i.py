# expects: decide(402) is "use"
def decide(status):
    if status in (400, 401, 403, 404, 405, 413, 415, 422):
        return "repair"
    return "retry" if status in (None, 408, 429, 500, 502, 503, 504) else "use"
