threshold = 2 / (3 + 2)
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 1.01, 3, 2)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
