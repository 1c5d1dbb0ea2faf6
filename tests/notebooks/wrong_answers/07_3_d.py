# expects: A request carried 25 flights, and 10 were allowed
def score_all(flights, url, size):
    answer = session.post(url, data=as_body(flights), headers=JSON, timeout=60)
    return [late for _, late in answer.json()["predictions"]]
