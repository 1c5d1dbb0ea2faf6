@mlflow.genai.scorer
def grounded(outputs):
    """Whether the answer stands in one of the pages."""
    return any(outputs["answer"] in page["text"] for page in outputs["pages"])
