# expects: another seed still gives another model
changes = {"max_iter": 100}
