(name_of_file,) = changed(1)
