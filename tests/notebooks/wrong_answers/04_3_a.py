# expects: MLflow has found pytest
missed = "pytest"
