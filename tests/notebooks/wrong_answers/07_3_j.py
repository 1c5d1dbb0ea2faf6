# expects: keep the order of the rows
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        answer = session.post(url, data=as_body(flights.iloc[start : start + size]), headers=JSON, timeout=60)
        chances += reversed([late for _, late in answer.json()["predictions"]])
    return chances
