# expects: draw blocks of days, not flights
threshold = 0.4
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 1.01, 3, 2)
low, high = more.mean() - 1.96 * more.std() / len(more) ** 0.5, more.mean() + 1.96 * more.std() / len(more) ** 0.5
