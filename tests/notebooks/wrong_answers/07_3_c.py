# expects: the second number of each pair is the chance to be late
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        body = as_body(flights.iloc[start : start + size])
        answer = session.post(url, data=body, headers=JSON, timeout=60)
        chances += [pair[0] for pair in answer.json()["predictions"]]
    return chances
