# expects: The client sent 50 requests for 25 flights and did not stop
def score_all(flights, url, size):
    chances = []
    for start in range(0, len(flights), size):
        body = as_body(flights.iloc[start : start + size]).replace("dataframe_split", "rows")
        while (answer := session.post(url, data=body, headers=JSON, timeout=60)).status_code != 200:
            time.sleep(0.01)
        chances += [late for _, late in answer.json()["predictions"]]
    return chances
