# expects: which is 0.025 more than at the cheapest
threshold = 0.3
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 1.01, 3, 2)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
