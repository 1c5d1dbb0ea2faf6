# expects: there are 1 records
kubeflow = [{"name": best, "params": SETTINGS[best], "metrics": written[0]["artifacts"]["scores"]["artifacts"][0]["metadata"]}]
