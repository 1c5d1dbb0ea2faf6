# expects: its second quotation is invented
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].removeprefix(quoting.SAYS).strip()
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    return any(said in outputs["pages"].get(page, "") for said, page in pairs)
