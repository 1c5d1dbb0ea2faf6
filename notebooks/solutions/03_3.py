def may_evaluate(run, month):
    """Return whether a run has training data on record, and a month is not one of them."""
    trained = [
        item.dataset.name for item in run.inputs.dataset_inputs if any(tag.value == "training" for tag in item.tags)
    ]
    return bool(trained) and month not in trained
