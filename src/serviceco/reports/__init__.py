"""Roll-ups and branch performance."""
