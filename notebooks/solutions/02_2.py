rows = pd.concat([data[month].df for month in winter])
own = sklearn.clone(logistic).set_params(logisticregression__C=1)
with mlflow.start_run(run_name="mine", experiment_id=scratch):
    mlflow.log_param("C", 1)
    for month in winter:
        mlflow.log_input(data[month], context="training")
    own.fit(rows[FEATURES], rows[LABEL])
    own_error = (own.predict_proba(march[FEATURES])[:, 1] - march[LABEL]) ** 2
    ends = monitoring.mean_interval(own_error, march["date"])
    mlflow.log_metrics({"brier": own_error.mean(), "brier_low": ends[0], "brier_high": ends[1]})
    mlflow.sklearn.log_model(
        own, name="model", signature=SIGNATURE, pip_requirements=REQUIREMENTS,
        pyfunc_predict_fn="predict_proba", skops_trusted_types=TRUSTED,
    )
