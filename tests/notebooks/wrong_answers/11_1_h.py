# expects: `wait` is 33.5: give a whole number of days
wait = pd.Timedelta(hours=804)
