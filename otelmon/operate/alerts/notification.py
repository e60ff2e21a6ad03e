"""The text of a notification: what, where, how much against which limit, since when, and where to look."""

from __future__ import annotations

from otelmon.operate.alerts.rendering import GENERATED

# Alertmanager knows since when an alert fires; the breach began `held` earlier.
# https://prometheus.io/docs/alerting/latest/notifications/
TEMPLATES = (
    "{{/* "
    + GENERATED.removeprefix("# ").strip()
    + " */}}\n"
    + """\
{{ define "otelmon.subject" -}}
[{{ .Status }}{{ if .CommonLabels.severity }} {{ .CommonLabels.severity }}{{ end }}] {{ .GroupLabels.alertname }}
{{- with .GroupLabels.service }} {{ . }}{{ end }}{{ with .GroupLabels.environment }} in {{ . }}{{ end }}
{{- end }}

{{ define "otelmon.text" -}}
{{ range .Alerts -}}
{{ .Annotations.summary }}
  value: {{ .Annotations.value }} (limit: {{ .Annotations.limit }})
  since: {{ .StartsAt.UTC.Format "2006-01-02 15:04:05" }} UTC, having lasted {{ .Annotations.held }} by then
{{- if eq .Status "resolved" }}
  over:  {{ .EndsAt.UTC.Format "2006-01-02 15:04:05" }} UTC{{ end }}
{{- with .Labels.version }}
  version: {{ . }}{{ end }}
{{- with .Labels.database }}
  database: {{ . }}{{ end }}
  runbook: {{ .Annotations.runbook_url }}
  dashboard: {{ .Annotations.dashboard_url }}
{{- with .Annotations.traces_url }}
  traces: {{ . }}{{ end }}
{{ end }}
{{- end }}
"""
)
