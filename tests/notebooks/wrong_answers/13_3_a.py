# expects: is not the one
name_of_file = "model.skops"
