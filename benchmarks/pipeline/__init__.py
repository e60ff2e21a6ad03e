"""Drills and figures of the way from an application to the back ends: real Collectors, real Kafka, counted sinks."""
