"""The stack of `make drill`, and one real fault for each alert rule."""
