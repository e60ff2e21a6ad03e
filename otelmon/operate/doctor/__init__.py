"""Plants a canary and follows it from hop to hop, and looks at what commonly goes wrong."""
