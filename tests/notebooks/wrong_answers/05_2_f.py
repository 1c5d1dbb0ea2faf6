# expects: With a forecast of 1 it returns
def top_gap(predictions, targets, metrics):
    top = (predictions >= 0.5) & (predictions < 1)  # the highest of BANDS
    return abs((predictions - targets)[top].mean()) if top.any() else 0.0


top_demand = MetricThreshold(threshold=0.05, greater_is_better=False)
