# expects: these trees hardly tell one flight from another
changes = {"max_iter": 1, "max_leaf_nodes": 2, "early_stopping": False}
