@mlflow.genai.scorer
def grounded(outputs):
    """Whether each quotation stands in the page that it names."""
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    return bool(pairs) and all(said in outputs["pages"].get(page, "") for said, page in pairs)
