# expects: positions, not labels
def split(dates, n_splits, gap):
    days = pd.DatetimeIndex(dates.unique()).sort_values()
    pairs = TimeSeriesSplit(n_splits, gap=gap).split(days)
    return [tuple(dates.index[dates.isin(days[part])] for part in pair) for pair in pairs]
