# expects: a child whose Brier score is 0.173 or more among them
mine = f"tags.mlflow.parentRunId = '{search.info.run_id}'"
ids = mlflow.search_runs([scratch], mine, order_by=["metrics.low ASC"])["run_id"].tolist()
