"""Double entry: accounts, entries and postings. It knows no repair."""
