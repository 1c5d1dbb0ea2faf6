"""The stores of a tracking server, PostgreSQL and an S3-compatible one, here or wherever the environment points.

Without more, PostgreSQL is ours (``helpers/stores/postgres.py``) and the object store is rclone's,
which keeps each object as a file. ``WORKBOOK_POSTGRES`` (the URI of a server, with a user who
may create databases) and ``WORKBOOK_S3`` (the URL of a store that has an empty bucket `mlflow`, with
``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``) put others in their place, which are
neither started nor stopped.
"""
from helpers.stores.access import FOLDER
from helpers.stores.object_store import object_store_server
from helpers.stores.postgres import clear, create_database, find_programs, postgres_server

__all__ = ["FOLDER", "clear", "create_database", "find_programs", "object_store_server", "postgres_server"]
