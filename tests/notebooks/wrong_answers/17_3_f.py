# expects: has a curve
kubeflow = records["Neptune"]
