# expects: raises KeyError
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        body = as_body(flights.loc[start : start + size - 1])
        answer = session.post(url, data=body, headers=JSON, timeout=60)
        answer.raise_for_status()
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
