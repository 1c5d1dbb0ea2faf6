# expects: without training data on record nobody knows
def may_evaluate(run, month):
    return month not in [
        item.dataset.name for item in run.inputs.dataset_inputs if any(tag.value == "training" for tag in item.tags)
    ]
