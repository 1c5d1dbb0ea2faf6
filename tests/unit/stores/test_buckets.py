"""All objects of a bucket, copied into a folder and back."""
import pytest

from helpers.stores import buckets, object_store

pytestmark = pytest.mark.needs_group("architectures")


def test_a_bucket_is_copied_and_filled_and_emptied(tmp_path):
    """Keys with slashes become folders, and keys again."""
    import boto3  # of the group

    with object_store.object_store_server(folder=tmp_path / "objects") as server:
        login = server.access.login
        s3 = boto3.client("s3", endpoint_url=login["MLFLOW_S3_ENDPOINT_URL"], region_name="us-east-1",
                          aws_access_key_id=login["AWS_ACCESS_KEY_ID"],
                          aws_secret_access_key=login["AWS_SECRET_ACCESS_KEY"])
        for key in ("a/b/model", "note"):
            s3.put_object(Bucket="mlflow", Key=key, Body=key.encode())
        assert buckets.download(s3, "mlflow", tmp_path / "copy") == 2
        s3.create_bucket(Bucket="second")
        assert buckets.upload(s3, tmp_path / "copy", "second") == 2
        assert sorted(buckets.list_keys(s3, "second")) == ["a/b/model", "note"]
        assert s3.get_object(Bucket="second", Key="a/b/model")["Body"].read() == b"a/b/model"
        buckets.empty(s3, "second")
        assert buckets.list_keys(s3, "second") == [] and len(buckets.list_keys(s3, "mlflow")) == 2
