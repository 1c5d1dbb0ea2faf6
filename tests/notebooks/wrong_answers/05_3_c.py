# expects: the difference for each flight of March
threshold = 0.4
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 0, 3, 2)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
