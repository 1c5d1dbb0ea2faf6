# expects: the interval must be above zero
better = register("Answer the question from the pages. If the pages do not answer the question, say so.", "no page")
