# expects: the number is 2
def register_once(name, run_id, source):
    known = client.search_model_versions(f"name = '{name}'")
    return known[0].version if known else client.create_model_version(name, source=source, run_id=run_id).version
