# expects: Weights & Biases has more than a path
still_there = {"Polyaxon"}
