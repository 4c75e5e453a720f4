"""People and companies who bring devices, the devices, and the proofs of purchase."""
