# expects: is in both parts
def split(dates, n_splits, gap):
    days = dates.unique()  # not sorted, and split by hand at a flight
    order = np.argsort(dates.to_numpy(), kind="stable")
    return [(order[a], order[b]) for a, b in TimeSeriesSplit(n_splits).split(order)]
