below = mlflow.search_runs(
    [scratch],
    filter_string=f"tags.mlflow.parentRunId = '{search.info.run_id}' and metrics.brier < 0.173",
    order_by=["metrics.low ASC"],
)
ids = below["run_id"].tolist()
