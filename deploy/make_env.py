"""Write .env from env.example: the name from the command line, and a fresh secret for whatever else is empty."""
import os
import secrets
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def filled(template: str, domain: str) -> str:
    """Return the template with each empty variable filled in."""
    lines = template.replace("DOMAIN=\n", f"DOMAIN={domain}\n").splitlines()
    return "".join(f"{line}{secrets.token_hex(24) if line.endswith('=') else ''}\n" for line in lines)


def write(folder: Path, domain: str) -> Path:
    """Write .env so that only its owner can read it, and never over one that is there."""
    path = folder / ".env"
    try:
        place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.exit(f"{path} is there, and its passwords are in use: to start afresh, move it away yourself")
    with os.fdopen(place, "w", encoding="utf-8") as file:
        file.write(filled((folder / "env.example").read_text(encoding="utf-8"), domain))
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Which name do clients use? For example: python3 make_env.py mlflow.example.org")
    print(f"wrote {write(HERE, sys.argv[1])}: keep it secret, and a copy of it with the backups")
