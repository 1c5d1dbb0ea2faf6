# expects: there are 1 records
left = written[0]["artifacts"]["scores"]["artifacts"][0]["metadata"]
kubeflow = [{"name": best, "params": SETTINGS[best], "metrics": left}]
