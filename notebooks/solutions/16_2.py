better = register("Answer the question from the pages. Name the page. If the pages do not answer the question, say so. "
    "Quote at most two sentences.", "two sentences")
