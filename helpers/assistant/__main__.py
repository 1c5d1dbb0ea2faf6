"""Serves the assistant's language models: ``python -m helpers.assistant --port 8000``."""
import argparse

import uvicorn

from helpers.assistant.chat_server import make_app
from helpers.servers import HOST

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(make_app(), host=HOST, port=parser.parse_args().port, log_level="warning")
