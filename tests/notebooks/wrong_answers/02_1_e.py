# expects: a 95 % interval goes from
gained = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
difference_to_base = gained.mean()
sums = gained.groupby(march["date"]).agg(["sum", "size"]).to_numpy()
draws = [sums[days].sum(axis=0) for days in monitoring.draw_days(len(sums), 2000)]
low, high = np.quantile([total / flights for total, flights in draws], [0.05, 0.95])
