# expects: not children of the search
ids = mlflow.search_runs([scratch], "metrics.brier < 0.173", order_by=["metrics.low ASC"])["run_id"].tolist()
