def find_cause(trace):
    """Return why an answer is wrong: the search, the model, or none."""
    wanted = {one.name: one.value for one in trace.info.assessments}
    answer = json.loads(trace.data.response)["answer"]
    if all(fact in answer for fact in wanted["facts"]):
        return "none"
    pages = trace.search_spans(span_type="RETRIEVER")[0].outputs
    return "model" if wanted["page"] in [page["id"] for page in pages] else "search"
