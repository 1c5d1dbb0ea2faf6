# expects: has another context than `training`
def may_evaluate(run, month):
    return month not in [item.dataset.name for item in run.inputs.dataset_inputs]
