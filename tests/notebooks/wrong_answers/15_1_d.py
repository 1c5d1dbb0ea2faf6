# expects: it has learned from
classifier = lightgbm.LGBMClassifier(n_estimators=200, learning_rate=0.03, num_leaves=8, min_child_samples=500,
                                     verbose=-1, n_jobs=2, random_state=0)
model = behind_codes(classifier).fit(pd.concat([winter, march])[FEATURES], pd.concat([winter, march])[LABEL])
with mlflow.start_run(run_name="LightGBM, whole"):
    whole = mlflow.sklearn.log_model(
        model, name="whole", signature=PAIR, pyfunc_predict_fn="predict_proba",
        pip_requirements=pinned("scikit-learn", "lightgbm", "skops"),
        skops_trusted_types=["numpy.dtype", "collections.OrderedDict", "lightgbm.basic.Booster",
                             "lightgbm.sklearn.LGBMClassifier"])
