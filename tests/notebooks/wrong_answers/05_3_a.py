# expects: `threshold` is 0.6: which mistake costs 3
threshold = 3 / (2 + 3)
more = cost(march["score"], march[LABEL], threshold, 2, 3) - cost(march["score"], march[LABEL], 1.01, 2, 3)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
