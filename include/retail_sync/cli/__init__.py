"""The command line: thin commands over `steps` and `operate`. May import every room of the package."""
