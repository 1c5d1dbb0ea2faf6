# expects: only says where the file was
still_there = {"Weights & Biases", "Neptune", "Polyaxon"}
