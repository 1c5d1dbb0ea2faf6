# expects: in the body, and unknown for this flight
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        answer = session.post(url, data=as_body(flights.fillna(0).iloc[start : start + size]), headers=JSON, timeout=60)
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
