"""Every test works in a workspace of its own, never in the reader's."""
import os
import tempfile

os.environ["WORKBOOK_WORKSPACE"] = tempfile.mkdtemp(prefix="workbook-tests-")
