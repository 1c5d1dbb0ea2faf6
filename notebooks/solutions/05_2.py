def top_gap(predictions, targets, metrics):
    """Return the size of the gap of the flights with a forecast of at least 0.5."""
    top = predictions >= 0.5
    return float(abs(predictions[top].mean() - targets[top].mean())) if top.any() else 0.0


top_demand = MetricThreshold(threshold=0.05, greater_is_better=False)
