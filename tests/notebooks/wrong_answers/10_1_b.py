# expects: that is the mean
harm = ((by_both[6] - truth) ** 2 - (by_both[2] - truth) ** 2).mean()
harm_per_late = harm / truth.sum()
