# expects: has not the last of its facts
def find_cause(trace):
    wanted = {one.name: one.value for one in trace.info.assessments}
    answer = json.loads(trace.data.response)["answer"]
    pages = [page["id"] for page in trace.search_spans(span_type="RETRIEVER")[0].outputs]
    if wanted["facts"][0] in answer:
        return "none"
    return "model" if wanted["page"] in pages else "search"
