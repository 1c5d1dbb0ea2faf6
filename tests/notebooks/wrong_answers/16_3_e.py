# expects: although the expected page was not found
def find_cause(trace):
    wanted = {one.name: one.value for one in trace.info.assessments}
    answer = json.loads(trace.data.response)["answer"]
    pages = [page["id"] for page in trace.search_spans(span_type="RETRIEVER")[0].outputs]
    if wanted["page"] not in pages:
        return "search"
    return "none" if all(fact in answer for fact in wanted["facts"]) else "model"
