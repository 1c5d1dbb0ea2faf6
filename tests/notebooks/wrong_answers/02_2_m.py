# expects: The datasets of the training (all) have 77911 rows
rows = pd.concat([data[month].df for month in quarter])
own = sklearn.clone(logistic).fit(rows[FEATURES], rows[LABEL])
own_error = (own.predict_proba(march[FEATURES])[:, 1] - march[LABEL]) ** 2
ends = dict(zip(["brier_low", "brier_high"], monitoring.mean_interval(own_error, march["date"])))
kept = {"signature": SIGNATURE, "pip_requirements": REQUIREMENTS, "skops_trusted_types": TRUSTED}
with mlflow.start_run(run_name="mine", experiment_id=scratch):
    mlflow.log_param("C", 0.1)
    mlflow.log_input(mlflow.data.from_pandas(rows, name="all"), context="training")
    mlflow.log_metrics({"brier": own_error.mean(), **ends})
    mlflow.sklearn.log_model(own, name="model", pyfunc_predict_fn="predict_proba", **kept)
