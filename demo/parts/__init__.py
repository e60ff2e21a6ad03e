"""One module for each part that the demo starts, and what starting, watching and stopping them takes."""
