"""All objects of a bucket, copied into a folder and back."""
import pytest

from helpers import servers
from helpers.stores import buckets, object_store

pytestmark = pytest.mark.needs_group("architectures")


def test_a_bucket_is_copied_and_filled_and_emptied(tmp_path):
    """Keys with slashes become folders, and keys again."""
    with object_store.object_store_server(folder=tmp_path / "objects") as server:
        s3 = buckets.connect(server.access.login)
        for key in ("a/b/model", "note"):
            s3.put_object(Bucket="mlflow", Key=key, Body=key.encode())
        assert buckets.download(s3, "mlflow", tmp_path / "copy") == 2
        s3.create_bucket(Bucket="second")
        assert buckets.upload(s3, tmp_path / "copy", "second") == 2
        assert sorted(buckets.list_keys(s3, "second")) == ["a/b/model", "note"]
        assert s3.get_object(Bucket="second", Key="a/b/model")["Body"].read() == b"a/b/model"
        buckets.empty(s3, "second")
        assert buckets.list_keys(s3, "second") == [] and len(buckets.list_keys(s3, "mlflow")) == 2


@pytest.fixture
def theirs(monkeypatch, tmp_path):
    """Return a client of a store that somebody else runs, named in the environment."""
    with object_store.object_store_server(folder=tmp_path / "objects") as server:
        login = server.access.login
        monkeypatch.setenv("WORKBOOK_S3", login["MLFLOW_S3_ENDPOINT_URL"])
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, login[name])
        yield buckets.connect(login)


def test_a_bucket_with_somebody_elses_objects_is_refused(theirs):
    """The notebook would empty it; the object stays."""
    theirs.put_object(Bucket="mlflow", Key="thesis", Body=b"all of it")
    with pytest.raises(servers.ServerError, match="holds 1 objects, such as 'thesis', and this notebook empties it"):
        object_store.object_store_server().start()
    assert buckets.list_keys(theirs, "mlflow") == ["thesis"]


def test_an_empty_bucket_is_claimed_and_may_be_filled_and_emptied_again(theirs):
    """What a notebook left there does not stop the next run, and the mark is no object of ours."""
    for _ in range(2):
        object_store.object_store_server().start()
        assert buckets.list_keys(theirs, "mlflow") == []
        theirs.put_object(Bucket="mlflow", Key="model", Body=b"ours")
        object_store.object_store_server().start()
        buckets.empty(theirs, "mlflow")


def test_a_key_that_leads_out_of_the_folder_writes_nothing(tmp_path):
    """Whoever may write to the bucket could else write where whoever makes the backup may."""

    class Bucket:  # a stand-in: rclone's store refuses such keys
        def get_paginator(self, name):
            return self

        def paginate(self, **bucket):
            return [{"Contents": [{"Key": "note"}, {"Key": "../outside"}]}]

    with pytest.raises(servers.ServerError, match="'../outside' of the bucket 'mlflow' names a file outside"):
        buckets.download(Bucket(), "mlflow", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []
