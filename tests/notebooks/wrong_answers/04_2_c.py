# expects: untrusted is a list of names
untrusted = "numpy.dtype"
