"""The assistant of notebook 16: its pages and questions, the search in them, and the server of its language models."""
