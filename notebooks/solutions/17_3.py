kubeflow = [
    {"name": name, "params": params, "metrics": left["artifacts"]["scores"]["artifacts"][0]["metadata"]}
    for (name, params), left in zip(SETTINGS.items(), written)
]
