# expects: answers 0 or 1, not probabilities
own = logistic.fit(data["2013-01"].df[FEATURES], data["2013-01"].df[LABEL])
own_error = (own.predict_proba(march[FEATURES])[:, 1] - march[LABEL]) ** 2
ends = dict(zip(["brier_low", "brier_high"], monitoring.mean_interval(own_error, march["date"])))
kept = {"signature": SIGNATURE, "pip_requirements": REQUIREMENTS, "skops_trusted_types": TRUSTED}
with mlflow.start_run(run_name="mine", experiment_id=scratch):
    mlflow.log_param("C", 0.1)
    for month in winter:
        mlflow.log_input(data[month], context="training")
    mlflow.log_metrics({"brier": own_error.mean(), **ends})
    mlflow.sklearn.log_model(own, name="model", **kept)
