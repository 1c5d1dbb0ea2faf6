# expects: A request carried 10 flights, and 7 were allowed
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), 10):
        answer = session.post(url, data=as_body(flights.iloc[start : start + 10]), headers=JSON, timeout=60)
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
