def register_once(name, run_id, source):
    """Return the version of a run in a registered model; register it first where there is none."""
    known = [one for one in client.search_model_versions(f"name = '{name}'") if one.run_id == run_id]
    new = known[0] if known else client.create_model_version(name, source=source, run_id=run_id)
    return new.version
