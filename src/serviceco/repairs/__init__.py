"""The repair order: from the counter to the quality check."""
