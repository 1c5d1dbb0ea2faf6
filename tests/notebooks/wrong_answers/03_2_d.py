# expects: write a dictionary of settings
changes = "early_stopping=False"
