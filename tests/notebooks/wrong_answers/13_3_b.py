# expects: is not the one
name_of_file = changed(1)
