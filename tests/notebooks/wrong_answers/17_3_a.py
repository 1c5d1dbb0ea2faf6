# expects: these are not all metrics of
kubeflow = [
    {"name": name, "params": params, "metrics": {"brier": left["parameterValues"]["Output"]}}
    for (name, params), left in zip(SETTINGS.items(), written)
]
