harm = ((by_both[6] - truth) ** 2 - (by_both[2] - truth) ** 2).sum()
harm_per_late = harm / truth.sum()
