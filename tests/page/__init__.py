"""What a team looks at, on one stack; a package, so that the stack ends after the last test of the folder."""
