# expects: JSON has no NaN
asked = tensors(first)
