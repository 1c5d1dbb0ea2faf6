changes = {"early_stopping": False}
