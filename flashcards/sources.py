"""The YAML files of writers, read so that a fault can be said with its place. For the cards and the cheat sheets."""

from pathlib import Path

import jsonschema
import yaml

LANGUAGES = ("zh", "en")
LABEL = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
TEXT = {"type": "string", "pattern": r"\S"}


class SourceError(ValueError):
    """What is wrong with the sources: ``faults``, each a line that begins with its place."""

    def __init__(self, faults: list[str]):
        super().__init__("\n".join(faults))
        self.faults = faults


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Plain YAML, read by the parser in C where there is one, in which no key may stand twice: the first text would be lost without a word."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_yaml(path: Path):
    """The content of a YAML file and the line of each entry of its list; raises SourceError."""
    text = path.read_text(encoding="utf8")
    loader = _StrictLoader(text)
    try:
        root = loader.get_single_node()
        content = loader.construct_document(root) if root else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = text.count("\n")  # the parser may name the line after it
        line = f":{min(mark.line, last) + 1}" if mark else ""
        raise SourceError([f"{name_of(path)}{line}: {getattr(error, 'problem', None) or error}"]) from None
    finally:
        loader.dispose()
    lines = [node.start_mark.line + 1 for node in root.value] if isinstance(root, yaml.SequenceNode) else []
    return content, lines


def name_of(path: Path) -> str:
    """A file as a fault names it: with its folder."""
    return f"{path.parent.name}/{path.name}"


def schema_faults(schema: jsonschema.Draft202012Validator, entry) -> list[str]:
    """What of an entry does not fit a schema, each with the key where it shows."""
    faults = []
    for error in schema.iter_errors(entry):
        where = ".".join(str(part) for part in error.absolute_path)
        faults.append(f"{where}: {error.message}" if where else error.message)
    return faults
