"""serviceco: the system an outsourced after-sales service company runs on."""

__version__ = "0.1.0"
