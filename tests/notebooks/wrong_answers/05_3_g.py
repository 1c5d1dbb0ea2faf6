# expects: is 0.5, which is not the threshold from this user's costs
threshold = 0.5
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 1.01, 3, 2)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
