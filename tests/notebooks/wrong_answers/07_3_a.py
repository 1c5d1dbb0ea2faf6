# expects: 20 numbers came back for 25 flights
def score_all(flights, url, size):
    chances = []
    for k in range(len(flights) // size):
        answer = session.post(url, data=as_body(flights.iloc[k * size : (k + 1) * size]), headers=JSON, timeout=60)
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
