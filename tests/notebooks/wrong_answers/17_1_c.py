# expects: is not a name in `records`
still_there = {"wandb", "polyaxon"}
