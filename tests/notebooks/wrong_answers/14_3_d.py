# expects: is not the mean score
mean_before = 0.25
