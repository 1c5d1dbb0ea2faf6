received = Path(mlflow.artifacts.download_artifacts(address["logistic-refit"]))
untrusted = skops.io.get_untrusted_types(file=received / "model.skops")
