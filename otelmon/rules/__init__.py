"""Pure decisions, one question a file: standard library only, no clock, no environment, no state."""
