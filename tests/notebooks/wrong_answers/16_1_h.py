# expects: `I think` stands in no page
@mlflow.genai.scorer
def grounded(outputs):
    text = outputs["answer"].split(": ", 1)[-1]
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", text)
    return bool(pairs) and all(said in outputs["pages"].get(page, "") for said, page in pairs)
