# expects: the server answers 500
asked = tensors(first.dropna(axis="columns"))
