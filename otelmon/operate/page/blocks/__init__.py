"""The topics of the page, one a file: what was read becomes tables of text."""
