"""The demo world: three small companies with a past, written by the operations that staff use."""
