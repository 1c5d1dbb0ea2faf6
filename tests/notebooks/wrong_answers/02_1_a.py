# expects: were blocks of days drawn, or flights?
gained = (forecasts["trees"] - march[LABEL]) ** 2 - (base_rate - march[LABEL]) ** 2
difference_to_base = gained.mean()
draws = np.random.default_rng(0).integers(0, len(gained), (300, len(gained)))
low, high = np.quantile(gained.to_numpy()[draws].mean(axis=1), [0.025, 0.975])
