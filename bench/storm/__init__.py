"""`./run storm`: nothing is promised twice. Players write what they did; a separate verifier reads and judges it."""
