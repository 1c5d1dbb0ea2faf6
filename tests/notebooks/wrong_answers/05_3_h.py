# expects: those for a miss at 5 and a false alarm at 1
threshold = 0.4
more = cost(march["score"], march[LABEL], threshold, MISS, FALSE_ALARM) - cost(
    march["score"], march[LABEL], 1.01, MISS, FALSE_ALARM)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
