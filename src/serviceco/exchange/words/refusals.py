"""Why a file is not imported."""

from serviceco.core.refusals import Refusal


class UnreadableFile(Refusal):
    """The file is no CSV, is empty, or its quotes do not close."""

    code = "UNREADABLE_FILE"


class TruncatedFile(Refusal):
    """The file ends in the middle of a row."""

    code = "TRUNCATED_FILE"


class WrongEncoding(Refusal):
    """The file is not in UTF-8."""

    code = "WRONG_ENCODING"


class WrongColumns(Refusal):
    """The header lacks columns of the standard or names one twice."""

    code = "WRONG_COLUMNS"


class CategoriesMissing(Refusal):
    """The register of categories does not hold those of the standard."""

    code = "CATEGORIES_MISSING"
