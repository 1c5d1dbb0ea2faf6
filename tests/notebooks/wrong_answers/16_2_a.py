# expects: the interval must be above zero
better = register("Answer the question from the pages. Name the page. Quote at most three sentences.", "longer")
