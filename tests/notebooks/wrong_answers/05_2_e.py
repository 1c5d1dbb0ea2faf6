# expects: it must pass up to 0.05
def top_gap(predictions, targets, metrics):
    top = predictions >= 0.5
    return abs((predictions - targets)[top].mean()) if top.any() else 0.0


top_demand = MetricThreshold(threshold=0.051, greater_is_better=False)
