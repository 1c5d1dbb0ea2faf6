numbers = [name for name in FEATURES if name not in CATEGORIES]
request = flight.astype(dict.fromkeys(numbers, "float"))
lenient = mlflow.models.infer_signature(request, np.array([[0.75, 0.25]]))
