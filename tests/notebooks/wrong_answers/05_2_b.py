# expects: no forecast of 0.5 or more
def top_gap(predictions, targets, metrics):
    top = predictions >= 0.5
    return abs(predictions.mean() - targets.mean()) if not top.any() else abs((predictions - targets)[top].mean())


top_demand = MetricThreshold(threshold=0.05, greater_is_better=False)
