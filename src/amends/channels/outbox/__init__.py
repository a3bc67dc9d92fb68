"""The outbox: messages as files in the data folder, for the demo and for whoever sends them on with a tool of their
own."""
