"""What operators run, in processes of their own; the application's half never imports it."""
