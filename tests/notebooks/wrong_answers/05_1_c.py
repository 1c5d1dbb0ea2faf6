# expects: in its training
def split(dates, n_splits, gap):
    return list(GroupKFold(n_splits).split(dates, groups=dates))
