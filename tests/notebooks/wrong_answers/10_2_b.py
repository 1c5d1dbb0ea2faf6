# expects: its run was deleted
def may_promote(version):
    try:
        run = client.get_run(version.tags["evidence"])
    except (KeyError, mlflow.MlflowException):
        return False
    params, is_there = run.data.params, run.info.lifecycle_stage == "active"
    return params.get("decision") == "yes" and params.get("challenger") == str(version.version)
