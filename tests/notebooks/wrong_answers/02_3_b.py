# expects: the largest train_brier comes first
mine = f"tags.mlflow.parentRunId = '{search.info.run_id}' and metrics.brier < 0.173"
ids = mlflow.search_runs([scratch], mine, order_by=["metrics.train_brier"])["run_id"].tolist()
