# expects: return True or False
def may_evaluate(run, month):
    trained = [
        item.dataset.name for item in run.inputs.dataset_inputs if any(tag.value == "training" for tag in item.tags)
    ]
    return str(bool(trained) and month not in trained)
