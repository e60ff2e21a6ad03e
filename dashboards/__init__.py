"""Renders the dashboards into files: ``make dashboards``."""
