# expects: somebody else has registered it
def register_once(name, run_id, source):
    known = [one for one in client.search_model_versions(f"name = '{name}'") if one.source == source]
    return (known[0] if known else client.create_model_version(name, source=source, run_id=run_id)).version
