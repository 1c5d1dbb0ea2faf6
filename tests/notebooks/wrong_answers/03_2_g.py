# expects: may stop before max_iter
changes = {"validation_fraction": None}
