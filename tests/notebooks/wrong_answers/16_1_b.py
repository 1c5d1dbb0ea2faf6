# expects: this stands in p2, not in p1
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    return bool(pairs) and all(any(said in page for page in outputs["pages"].values()) for said, _ in pairs)
