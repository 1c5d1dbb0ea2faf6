# expects: would do as well
limit = np.ceil(windows.max().max() * 100) / 100
