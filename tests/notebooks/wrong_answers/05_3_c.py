# expects: the difference for each flight of March
threshold = thresholds[np.argmin([cost(march["score"], march[LABEL], t, 3, 2).mean() for t in thresholds])]
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 0, 3, 2)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
