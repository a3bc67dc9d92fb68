"""What failures cost, where they gather, and what a lesson says about it. Pure."""
