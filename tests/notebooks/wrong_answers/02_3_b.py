# expects: the smallest `low` comes first
ids = children[children["metrics.brier"] < 0.173]["run_id"].tolist()
