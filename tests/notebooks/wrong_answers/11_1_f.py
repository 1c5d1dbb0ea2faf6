# expects: The two weeks begin after the first day
wait = np.int64(33)
