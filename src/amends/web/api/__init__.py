"""The machines' API under /api/v1: one router a resource, bearer tokens with scopes, problems as RFC 9457."""
