# expects: `threshold` is 0.38. On March it is cheaper than 0.4, the threshold from the costs, but March cannot
threshold = thresholds[np.argmin([cost(march["score"], march[LABEL], t, 3, 2).mean() for t in thresholds])]
more = cost(march["score"], march[LABEL], threshold, 3, 2) - cost(march["score"], march[LABEL], 1.01, 3, 2)
low, high = monitoring.mean_interval(pd.Series(more, index=march.index), march["date"])
