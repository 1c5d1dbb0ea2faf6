# expects: a fixed seed hides the question
changes = {"random_state": 0}
