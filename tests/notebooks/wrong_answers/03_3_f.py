# expects: the model was trained on this month
def may_evaluate(run, month):
    trained = [
        item.dataset.name for item in run.inputs.dataset_inputs if any(tag.value == "training" for tag in item.tags)
    ]
    return bool(trained) and month != max(trained)
