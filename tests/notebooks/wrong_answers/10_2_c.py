# expects: its run names no challenger
def may_promote(version):
    try:
        run = client.get_run(version.tags["evidence"])
    except (KeyError, mlflow.MlflowException):
        return False
    params, is_there = run.data.params, run.info.lifecycle_stage == "active"
    return is_there and params.get("decision") == "yes"
