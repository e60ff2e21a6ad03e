"""Takes Alertmanager's notifications as whoever is on call would, and shows when each arrived."""
