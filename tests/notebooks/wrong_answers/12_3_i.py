# expects: has the run_id
def register_once(name, run_id, source):
    known = [one for one in client.search_model_versions(f"name = '{name}'") if one.run_id == run_id]
    new = known[0] if known else client.create_model_version(name, source=f"runs:/{run_id}/other", run_id=run_id)
    return new.version
