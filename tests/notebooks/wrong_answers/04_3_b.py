# expects: which travels in code_paths
missed = ["late_checks"]
