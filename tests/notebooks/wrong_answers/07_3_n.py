# expects: The server stayed busy
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        body = as_body(flights.iloc[start : start + size])
        while (answer := requests.post(url, data=body, headers=JSON, timeout=60)).status_code != 200:
            time.sleep(0.1)
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
