# expects: a 95 % interval goes from
gained = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
sums = gained.groupby(march["date"]).agg(["sum", "size"]).to_numpy()
draw = np.random.default_rng(0)
draws = [sums[draw.integers(0, len(sums), len(sums))].sum(axis=0) for _ in range(2000)]
low, high = np.quantile([total / flights for total, flights in draws], [0.05, 0.95])
