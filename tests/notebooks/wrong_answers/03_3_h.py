# expects: the model was trained on this month
def may_evaluate(run, month):
    contexts = {item.dataset.name: item.tags[0].value for item in run.inputs.dataset_inputs}
    return "training" in contexts.values() and contexts.get(month) != "training"
