"""serviceco: the system an outsourced after-sales service company runs on."""
