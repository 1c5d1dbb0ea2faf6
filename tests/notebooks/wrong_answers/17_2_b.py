# expects: is something in the body that is not in `first`?
asked = tensors(first.fillna(0.0))
