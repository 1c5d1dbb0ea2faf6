# expects: no version of the prompt
better = "Quote at most two sentences."
