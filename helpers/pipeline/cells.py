"""Cells that become modules of the pipeline, and functions of files as they are written."""
import ast
from pathlib import Path

from helpers.pipeline import location


def register() -> None:
    """Give this notebook the magic ``%%module``."""
    from IPython import get_ipython

    if shell := get_ipython():
        shell.register_magic_function(make_module, "cell", "module")


def make_module(line: str, cell: str) -> None:
    """Write a cell into a file of the pipeline's code, as ``%%writefile`` does, and take over what it defines."""
    from IPython import get_ipython

    name = line.strip()
    (location.CODE / f"{name}.py").write_text(cell, encoding="utf-8")
    location.forget_modules()
    get_ipython().ex(f"from {name} import *")
    print(f"workspace/12-pipeline/code/{name}.py: {len(cell.splitlines())} lines")


def show_source(file: Path, *names: str) -> None:
    """Print the name of a file, and some of its functions as they are written there, with their decorators."""
    text = file.read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    print(f"# {file.name}", *(_cut(text, functions[name]) for name in names), sep="\n\n")


def _cut(text: str, function: ast.FunctionDef) -> str:
    """Return the lines of a function, from its first decorator on."""
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return "\n".join(text.splitlines()[first - 1:function.end_lineno])
