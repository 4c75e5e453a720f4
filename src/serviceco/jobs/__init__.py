"""The worker: work that follows from what was committed, one tenant per transaction."""
