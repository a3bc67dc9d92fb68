"""Text messages, by the gateway of this deployment; where there is none, as files in the outbox."""
