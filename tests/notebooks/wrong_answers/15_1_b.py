# expects: a new process gets no answer from it
whole = chances["LightGBM"]
