# expects: a model whose top_gap is 0.0000 fails
def top_gap(predictions, targets, metrics):
    top = predictions >= 0.5
    return abs((predictions - targets)[top].mean()) if top.any() else 0.0


top_demand = MetricThreshold(threshold=0.05, greater_is_better=True)
