# expects: should return 'search'
def find_cause(trace):
    wanted = {one.name: one.value for one in trace.info.assessments}
    answer = json.loads(trace.data.response)["answer"]
    return "none" if all(fact in answer for fact in wanted["facts"]) else "model"
