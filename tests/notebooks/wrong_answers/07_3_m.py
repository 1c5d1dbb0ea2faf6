# expects: Its content type is None
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        body = as_body(flights.iloc[start : start + size])
        answer = session.post(url, data=body, headers=None, timeout=60)
        answer.raise_for_status()
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
