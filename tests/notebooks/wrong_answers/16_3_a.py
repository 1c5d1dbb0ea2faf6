# expects: should return 'none'
def find_cause(trace):
    wanted = {one.name: one.value for one in trace.info.assessments}
    pages = trace.search_spans(span_type="RETRIEVER")[0].outputs
    return "model" if wanted["page"] in [page["id"] for page in pages] else "search"
