# expects: which is not a name
untrusted = [np.dtype]
