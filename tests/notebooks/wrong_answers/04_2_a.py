# expects: This is the list in MLmodel
untrusted = mlflow.models.get_model_info(address["logistic-refit"]).flavors["sklearn"]["skops_trusted_types"]
