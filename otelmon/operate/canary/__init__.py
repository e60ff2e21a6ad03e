"""Sends canaries and looks for them behind every hop of the pipeline."""
