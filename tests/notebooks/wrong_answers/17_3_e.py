# expects: stands in 2 records
kubeflow = [
    {"name": name, "params": params, "metrics": left["artifacts"]["scores"]["artifacts"][0]["metadata"]}
    for (name, params), left in zip(SETTINGS.items(), written)
]
kubeflow.append(kubeflow[0])
