"""The customer's own page: what happened, what we do, by when, what is given, and how to say yes or no. No account."""
