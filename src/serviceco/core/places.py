"""Where the folders beside the code lie: in the checkout, or inside an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def project_folder(name: str) -> Path:
    """Return `graphql/`, `tenants/` or `migrations/`.

    Raises:
        FileNotFoundError: neither the wheel nor the checkout holds it.
    """
    for home in (_PACKAGE / "_files", _PACKAGE.parents[1]):
        if (home / name).is_dir():
            return home / name
    raise FileNotFoundError(f"the folder {name}/ is neither in the wheel nor in the checkout")
