# expects: behind `quoting.SAYS` it quotes p1
@mlflow.genai.scorer
def grounded(outputs):
    pairs = re.findall(r"(.+?) \[(\S+?)\]\s*", outputs["answer"])
    return bool(pairs) and all(said in outputs["pages"].get(page, "") for said, page in pairs)
