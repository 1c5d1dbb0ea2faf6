# expects: a set has no order
mine = f"tags.mlflow.parentRunId = '{search.info.run_id}' and metrics.brier < 0.173"
ids = set(mlflow.search_runs([scratch], mine)["run_id"])
