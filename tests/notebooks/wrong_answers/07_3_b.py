# expects: 25 requests for 25 flights
def score_all(flights, url, size):
    chances = []
    for k in range(len(flights)):
        answer = session.post(url, data=as_body(flights.iloc[k : k + 1]), headers=JSON, timeout=60)
        chances.append(answer.json()["predictions"][0][1])
    return chances
