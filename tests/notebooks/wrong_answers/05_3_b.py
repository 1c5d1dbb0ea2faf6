# expects: is this the position in the list
threshold = np.argmin([cost(march["score"], march[LABEL], t, 3, 2).mean() for t in thresholds])
low, high = -0.19, -0.03
