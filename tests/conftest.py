"""Every test works in a workspace of its own, never in the reader's."""
import os
import shutil
import tempfile

from hypothesis import settings

settings.register_profile("course", deadline=None)  # a busy machine is no fault
settings.load_profile("course")

workspace = tempfile.mkdtemp(prefix="workbook-tests-")
os.environ["WORKBOOK_WORKSPACE"] = workspace


def pytest_unconfigure():
    """Remove the workspace of this run."""
    shutil.rmtree(workspace, ignore_errors=True)
