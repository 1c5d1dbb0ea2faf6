# expects: raises KeyError
def may_evaluate(run, month):
    return month not in run.data.params["months"]
