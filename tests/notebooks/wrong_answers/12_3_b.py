# expects: this registered model has no version yet
def register_once(name, run_id, source):
    known = client.search_model_versions(f"run_id = '{run_id}' and name LIKE 'late-scratch-12%'")
    return known[0].version if known else client.create_model_version(name, source=source, run_id=run_id).version
