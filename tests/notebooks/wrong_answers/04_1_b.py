# expects: A request with decimal numbers is not scored
request = flight.astype({name: "float" for name in FEATURES if name not in [*CATEGORIES, "n_sched_hour"]})
lenient = mlflow.models.infer_signature(request)
