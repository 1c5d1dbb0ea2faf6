# expects: there are no trees in this model
received = Path(mlflow.artifacts.download_artifacts(address["trees-refit"]))
untrusted = skops.io.get_untrusted_types(file=received / "model.skops")
