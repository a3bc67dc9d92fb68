"""The `amends` command: each sub-command is a module here, imported only when it is called."""
