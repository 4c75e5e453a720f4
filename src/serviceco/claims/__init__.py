"""Claims to brands for work in warranty."""
