"""Tables of signals to tables of findings, as pure functions over Ibis expressions."""
