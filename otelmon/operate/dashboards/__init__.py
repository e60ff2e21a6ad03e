"""What the dashboards show, as data: rendered for Grafana by dashboards/, and here for the page of VictoriaMetrics."""
