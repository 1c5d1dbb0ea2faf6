# expects: not an asset check yet
def stations_agree(table):
    means = table.groupby("origin")["temp"].mean()
    return means.max() - means.min() <= 5
