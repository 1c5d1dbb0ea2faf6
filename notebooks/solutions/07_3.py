def score_all(flights, url, size):
    """Return the chance to arrive late of every flight, asked for in requests of at most `size` rows."""
    chances = []
    for start in range(0, len(flights), size):
        body = as_body(flights.iloc[start : start + size])
        answer = session.post(url, data=body, headers=JSON, timeout=(3, 60))
        answer.raise_for_status()
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
