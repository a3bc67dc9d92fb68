"""E-mail, by the mail server of this deployment; where there is none, as files in the outbox."""
