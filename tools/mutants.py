"""The verdict on a run of mutmut in _build/mutation: whatever survived must be named in tests/mutants.md.

Usage: python tools/mutants.py
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def unnamed(results: str, table: str) -> list[str]:
    """The lines of `mutmut results` ("name: outcome") whose mutant lives, and which the table does not name."""
    lines = [line.strip() for line in results.splitlines() if line.strip()]
    alive = [line for line in lines if not line.endswith(": timeout")]  # an endless loop has been noticed
    return [line for line in alive if f"`{line.split(':')[0]}`" not in table]


if __name__ == "__main__":
    mutmut = Path(sys.executable).with_name("mutmut")
    command = subprocess.run([mutmut, "results"], cwd=ROOT / "_build" / "mutation", capture_output=True, text=True)
    command.check_returncode()
    new = unnamed(command.stdout, (ROOT / "tests" / "mutants.md").read_text(encoding="utf8"))
    for line in new:
        print(f"{line}: not in tests/mutants.md")
    sys.exit(bool(new))
